import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { tokensAt } from './functional.js';
import { checkArgs, checkChoice, checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Which tokens a layer answers for: all, each row's first, or one a row whose position is given as an input. */
export type Query = 'all' | 'first' | 'given';

/** Names of the queries, for checking arguments. */
export const QUERIES: readonly Query[] = ['all', 'first', 'given'];

/** Arguments of {@link tokenPool}. */
export interface TokenPoolArgs extends LayerArgs {
  /** `first`: the class token; `given`: the positions are the second input. Default: `first`. */
  query?: Exclude<Query, 'all'>;
}

/** See {@link tokenPool}. */
export class TokenPool extends layers.Layer {
  /** @nocollapse */
  static className = 'TokenPool';
  private readonly query: Exclude<Query, 'all'>;

  constructor(args: TokenPoolArgs = {}) {
    super(args);
    this.query = args.query ?? 'first';
    checkChoice('tokenPool', 'query', this.query, ['first', 'given']);
    checkArgs('tokenPool', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.computeOutputShape(inputShape);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [x] = checkInputs('tokenPool', inputShape, this.query === 'given' ? [3, 1] : [3]);
    return [x[0], x[2]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, positions] = inputList(inputs);
      const [rows, , width] = x.shape as [number, number, number];
      return tf.squeeze(positions ? tokensAt(x, positions) : tf.slice(x, [0, 0, 0], [rows, 1, width]), [1]);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), query: this.query };
  }
}
tf.serialization.registerClass(TokenPool);

/**
 * Takes one token of each row as the row's feature: the class token of an image, the end-of-text token of a text.
 *
 * **Input shape**: [N, L, d], with `query: 'given'` also the tokens' positions [N].
 *
 * **Output shape**: [N, d].
 *
 * ```js
 * layers.tokenPool({query: 'first'}).apply(tf.ones([2, 5, 16])).shape; // [2, 16]
 * ```
 *
 * @throws MapleError when the positions are missing, or given without `query: 'given'`
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function tokenPool(args?: TokenPoolArgs): TokenPool {
  return new TokenPool(args);
}
