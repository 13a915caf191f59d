import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { lookUp } from './functional.js';
import { checkArgs, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link learnedPositions}. */
export interface LearnedPositionsArgs extends LayerArgs {
  /** How many positions there are; the input may be shorter. */
  positions: number;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link learnedPositions}. */
export class LearnedPositions extends layers.Layer {
  /** @nocollapse */
  static className = 'LearnedPositions';
  private readonly positions: number;
  private readonly seed: number | undefined;
  private embedding!: LayerVariable;

  constructor(args: LearnedPositionsArgs) {
    super(args);
    this.positions = args.positions;
    this.seed = args.seed ?? undefined;
    checkCount('learnedPositions', 'positions', this.positions);
    checkArgs('learnedPositions', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShape(inputShape)[2] as number;
    const normal = normalStart(0.01, this.seed);
    this.embedding = this.addWeight('positions', [this.positions, width], 'float32', normal);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.checkedShape(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, places] = inputList(inputs);
      const [, length, width] = x.shape as [number, number, number];
      const embedding = this.embedding.read();
      return tf.add(
        x,
        places ? lookUp(embedding, tf.cast(places, 'int32')) : tf.slice(embedding, [0, 0], [length, width]),
      );
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), positions: this.positions, seed: this.seed ?? null };
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    const [shape, places] = checkInputs('learnedPositions', inputShape, [3], [3, 1]);
    if (!places && (shape[1] ?? 0) > this.positions) {
      throw new MapleError(
        `learnedPositions: the input must have at most ${this.positions} tokens (\`positions\`). ` +
          `Received: ${JSON.stringify(shape)}.`,
      );
    }
    return shape;
  }
}
tf.serialization.registerClass(LearnedPositions);

/**
 * Adds one learned vector a position. A text shorter than the context takes the first positions; packed texts say where
 * each token stands.
 *
 * **Input shape**: [N, L, d], L at most `positions`; or with the tokens' positions [L]. **Output shape**: [N, L, d].
 *
 * ```js
 * layers.learnedPositions({positions: 77}).apply(tf.zeros([3, 12, 16])).shape; // [3, 12, 16]
 * ```
 *
 * @throws MapleError when the input is longer than `positions`
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function learnedPositions(args: LearnedPositionsArgs): LearnedPositions {
  return new LearnedPositions(args);
}
