import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkCount, checkInputs, checkPositive, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link deepTextPrompt}. */
export interface DeepTextPromptArgs extends LayerArgs {
  /** Number of prompt vectors. */
  length: number;
  /** First position they take. Default: 1, behind the start token; 0 where a text has none. */
  start?: number;
  /** Standard deviation of the normal initial values. Default: 0.02. */
  deviation?: number;
  /** Whether the prompt itself is a second output, for a coupler. Default: false. */
  returnPrompt?: boolean;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link deepTextPrompt}. */
export class DeepTextPrompt extends layers.Layer {
  /** @nocollapse */
  static className = 'DeepTextPrompt';
  private readonly length: number;
  private readonly start: number;
  private readonly deviation: number;
  private readonly returnPrompt: boolean;
  private readonly seed: number | undefined;
  private prompt!: LayerVariable;

  constructor(args: DeepTextPromptArgs) {
    super(args);
    this.length = args.length;
    this.start = args.start ?? 1;
    this.deviation = args.deviation ?? 0.02;
    this.returnPrompt = args.returnPrompt ?? false;
    this.seed = args.seed ?? undefined;
    checkCount('deepTextPrompt', 'length', this.length);
    checkCount('deepTextPrompt', 'start', this.start, 0);
    checkPositive('deepTextPrompt', 'deviation', this.deviation);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShape(inputShape)[2] as number;
    const normal = initializers.randomNormal({ mean: 0, stddev: this.deviation, seed: this.seed });
    this.prompt = this.addWeight('prompt', [this.length, width], 'float32', normal);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shape = this.checkedShape(inputShape);
    return this.returnPrompt ? [shape, [this.length, shape[2]]] : shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x] = inputList(inputs);
      const [rows, length, width] = x.shape as [number, number, number];
      const prompt = this.prompt.read();
      const end = this.start + this.length;
      const before = tf.slice(x, [0, 0, 0], [rows, this.start, width]);
      const after = tf.slice(x, [0, end, 0], [rows, length - end, width]);
      const prompted = tf.concat([before, tf.add(tf.zeros([rows, this.length, width]), prompt), after], 1);
      // The model disposes what a call returns, so the weight is never returned itself.
      return this.returnPrompt ? [prompted, tf.clone(prompt)] : prompted;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      length: this.length,
      start: this.start,
      deviation: this.deviation,
      returnPrompt: this.returnPrompt,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    const [shape] = checkInputs('deepTextPrompt', inputShape, [3]);
    if ((shape[1] ?? Infinity) < this.start + this.length) {
      throw new MapleError(
        `deepTextPrompt: ${this.length} prompt vectors from position ${this.start} on need at least ` +
          `${this.start + this.length} tokens. Received: ${JSON.stringify(shape)}. Use a smaller \`length\`.`,
      );
    }
    return shape;
  }
}
tf.serialization.registerClass(DeepTextPrompt);

/**
 * Learned prompt vectors P_i of a text tower (MaPLe, section 3.2): writes them over positions
 * `start .. start + length - 1` of every row. One such layer stands before each of the first `depth` blocks; the one
 * before the first block stands before the positional embedding is added.
 *
 * **Input shape**: [N, L, d]. **Output shape**: the same; with `returnPrompt` also the prompt [length, d].
 *
 * ```js
 * const model = tf.sequential();
 * model.add(layers.transformerBlock({heads: 2, mlpWidth: 64, inputShape: [12, 16]}));
 * model.add(layers.deepTextPrompt({length: 2}));
 * model.add(layers.transformerBlock({heads: 2, mlpWidth: 64}));
 * model.outputs[0].shape; // [null, 12, 16]
 * ```
 *
 * @throws MapleError when the rows are too short for the prompt
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function deepTextPrompt(args: DeepTextPromptArgs): DeepTextPrompt {
  return new DeepTextPrompt(args);
}
