import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';
import {
  ACTIVATIONS,
  activate,
  attention,
  causalMask,
  causalMaskAt,
  dense,
  layerNorm,
  tokensAt,
} from './functional.js';
import type { Activation } from './functional.js';
import { checkChoice, checkCount, checkInputs, checkPositive, inputList, type LayerArgs } from './layer_args.js';
import { QUERIES, type Query } from './token_pool.js';
import { MapleError } from './errors.js';

/** Arguments of {@link transformerBlock}. */
export interface TransformerBlockArgs extends LayerArgs {
  /** Attention heads; divides the width of the input. */
  heads: number;
  /** Hidden width of the MLP. */
  mlpWidth: number;
  /** Activation of the MLP. Default: `quickGelu`. */
  activation?: Activation;
  /** Epsilon of both LayerNorms. Default: 1e-5. */
  epsilon?: number;
  /** Whether a token sees only itself and what stands before it. Default: false. */
  causal?: boolean;
  /** Which tokens' output is computed: `all`, `first`, or one a row `given` as second input. Default: `all`. */
  query?: Query;
  /** Seed of the initial kernels. */
  seed?: number | null;
}

/** See {@link transformerBlock}. */
export class TransformerBlock extends layers.Layer {
  /** @nocollapse */
  static className = 'TransformerBlock';
  private readonly heads: number;
  private readonly mlpWidth: number;
  private readonly activation: Activation;
  private readonly epsilon: number;
  private readonly causal: boolean;
  private readonly query: Query;
  private readonly seed: number | undefined;
  private readonly variables: Record<string, ReturnType<layers.Layer['addWeight']>> = {};

  constructor(args: TransformerBlockArgs) {
    super(args);
    this.heads = args.heads;
    this.mlpWidth = args.mlpWidth;
    this.activation = args.activation ?? 'quickGelu';
    this.epsilon = args.epsilon ?? 1e-5;
    this.causal = args.causal ?? false;
    this.query = args.query ?? 'all';
    this.seed = args.seed ?? undefined;
    checkCount('transformerBlock', 'heads', this.heads);
    checkCount('transformerBlock', 'mlpWidth', this.mlpWidth);
    checkPositive('transformerBlock', 'epsilon', this.epsilon);
    checkChoice('transformerBlock', 'activation', this.activation, ACTIVATIONS);
    checkChoice('transformerBlock', 'query', this.query, QUERIES);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShape(inputShape)[2] as number;
    if (width % this.heads !== 0) {
      throw new MapleError(
        `transformerBlock: \`heads\` must divide the input's width. Received: heads=${this.heads}, width=${width}.`,
      );
    }
    const kernel = (name: string, rows: number, columns: number, index: number) => {
      const seed = this.seed === undefined ? undefined : this.seed + index;
      this.add(`${name}/kernel`, [rows, columns], initializers.glorotUniform({ seed }));
      this.add(`${name}/bias`, [columns], initializers.zeros());
    };
    const norm = (name: string) => {
      this.add(`${name}/gamma`, [width], initializers.ones());
      this.add(`${name}/beta`, [width], initializers.zeros());
    };
    norm('norm_1');
    kernel('attention/qkv', width, 3 * width, 0);
    kernel('attention/out', width, width, 1);
    norm('norm_2');
    kernel('mlp/up', width, this.mlpWidth, 2);
    kernel('mlp/down', this.mlpWidth, width, 3);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [rows, length, width] = this.checkedShape(inputShape);
    return this.query === 'all' ? [rows, length, width] : [rows, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, positions] = inputList(inputs);
      const attended = this.query === 'all' ? this.attendAll(x) : this.attendOne(x, positions);
      const hidden = this.dense('mlp/up', this.norm('norm_2', attended));
      const activated = activate(hidden, this.activation);
      const output = tf.add(attended, this.dense('mlp/down', activated));
      return this.query === 'all' ? output : tf.squeeze(output, [1]);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      heads: this.heads,
      mlpWidth: this.mlpWidth,
      activation: this.activation,
      epsilon: this.epsilon,
      causal: this.causal,
      query: this.query,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }

  /** Every token asks: x [N, L, d] -> [N, L, d], residual included. */
  private attendAll(x: tf.Tensor): tf.Tensor {
    const joined = this.dense('attention/qkv', this.norm('norm_1', x));
    const [query, key, value] = tf.split(joined, 3, 2);
    const mask = this.causal ? causalMask(x.shape[1] as number) : undefined;
    return tf.add(x, this.dense('attention/out', attention(query, key, value, this.heads, mask)));
  }

  /** One token a row asks all: x [N, L, d] -> [N, 1, d], residual included. Exact for that token. */
  private attendOne(x: tf.Tensor, positions: tf.Tensor | undefined): tf.Tensor {
    const [rows, length, width] = x.shape as [number, number, number];
    const pick = (tokens: tf.Tensor) =>
      positions ? tokensAt(tokens, positions) : tf.slice(tokens, [0, 0, 0], [rows, 1, width]);
    const normal = this.norm('norm_1', x);
    const query = this.dense('attention/qkv', pick(normal), [0, width]);
    const joined = this.dense('attention/qkv', normal, [width, 2 * width]);
    const [key, value] = tf.split(joined, 2, 2);
    let mask: tf.Tensor | undefined;
    if (this.causal) {
      mask = causalMaskAt(positions ?? tf.zeros([rows]), length);
    }
    return tf.add(pick(x), this.dense('attention/out', attention(query, key, value, this.heads, mask)));
  }

  /** One of the block's linear maps, or only the columns [first, count] of it. */
  private dense(name: string, x: tf.Tensor, columns?: [number, number]): tf.Tensor {
    let [kernel, bias] = [this.read(`${name}/kernel`), this.read(`${name}/bias`)];
    if (columns) {
      const [first, count] = columns;
      kernel = tf.slice(kernel, [0, first], [kernel.shape[0], count]);
      bias = tf.slice(bias, [first], [count]);
    }
    return dense(x, kernel, bias, !this.trainable);
  }

  private norm(name: string, x: tf.Tensor): tf.Tensor {
    return layerNorm(x, this.read(`${name}/gamma`), this.read(`${name}/beta`), this.epsilon);
  }

  private add(name: string, shape: Shape, initializer: ReturnType<typeof initializers.zeros>): void {
    this.variables[name] = this.addWeight(name, shape, 'float32', initializer);
  }

  private read(name: string): tf.Tensor {
    return this.variables[name].read();
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    return checkInputs('transformerBlock', inputShape, this.query === 'given' ? [3, 1] : [3])[0];
  }
}
tf.serialization.registerClass(TransformerBlock);

/**
 * A pre-norm transformer block as CLIP's: x + attention(norm(x)), then x + mlp(norm(x)).
 *
 * In the last block of a tower only one token's output is used. `query: 'first'` (the class token) or
 * `query: 'given'` (each row's end token, as second input) computes that token alone, which changes no result.
 *
 * **Input shape**: [N, L, d], with `query: 'given'` also the tokens' positions [N].
 *
 * **Output shape**: [N, L, d], or [N, d] for one query.
 *
 * ```js
 * const block = layers.transformerBlock({heads: 2, mlpWidth: 64});
 * block.apply(tf.zeros([1, 5, 16])).shape; // [1, 5, 16]
 * ```
 *
 * @throws MapleError when heads do not divide the width, or an argument is not of its kind
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function transformerBlock(args: TransformerBlockArgs): TransformerBlock {
  return new TransformerBlock(args);
}
