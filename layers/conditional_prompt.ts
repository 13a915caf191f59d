import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { overwrite } from './functional.js';
import {
  checkArgs,
  checkCount,
  checkInputs,
  checkPositive,
  checkRoom,
  inputList,
  type LayerArgs,
} from './layer_args.js';
import { WeightArgs, type InitializerArg, type RegularizerArg } from './weight_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link conditionalPrompt}. */
export interface ConditionalPromptArgs extends LayerArgs {
  /** Number of prompt vectors. */
  length: number;
  /** First position they take. Default: 1, behind the start token. */
  start?: number;
  /** Standard deviation of the normal initial values. Default: 0.02. */
  deviation?: number;
  /** Seed of the initial values. */
  seed?: number | null;
  /** How the prompt starts, in place of `deviation` and `seed`: an initialiser as tfjs' layers take it. */
  promptInitializer?: InitializerArg;
  /** What the prompt's values cost, added to the loss: a regulariser as tfjs' layers take it. Default: nothing. */
  promptRegularizer?: RegularizerArg;
}

/** See {@link conditionalPrompt}. */
export class ConditionalPrompt extends layers.Layer {
  /** @nocollapse */
  static className = 'ConditionalPrompt';
  private readonly length: number;
  private readonly start: number;
  private readonly deviation: number;
  private readonly seed: number | undefined;
  private readonly promptArgs: WeightArgs;
  private prompt!: LayerVariable;

  constructor(args: ConditionalPromptArgs) {
    super(args);
    this.length = args.length;
    this.start = args.start ?? 1;
    this.deviation = args.deviation ?? 0.02;
    this.seed = args.seed ?? undefined;
    this.promptArgs = new WeightArgs(args.promptInitializer, args.promptRegularizer);
    checkCount('conditionalPrompt', 'length', this.length);
    checkCount('conditionalPrompt', 'start', this.start, 0);
    checkPositive('conditionalPrompt', 'deviation', this.deviation);
    checkArgs('conditionalPrompt', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShapes(inputShape)[0][2] as number;
    const { initializer, regularizer } = this.promptArgs;
    const start = initializer ?? normalStart(this.deviation, this.seed);
    this.prompt = this.addWeight('prompt', [this.length, width], 'float32', start, regularizer);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [[classes, length, width], , [images]] = this.checkedShapes(inputShape);
    const rows = classes === null || images === null ? null : classes * images;
    return [[rows, length, width], [rows]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [texts, ends, shifts] = inputList(inputs);
      const [classes, length, width] = texts.shape as [number, number, number];
      const images = shifts.shape[0];
      const prompts = tf.add(this.prompt.read(), tf.expandDims(shifts, 1));
      // Each image's prompt stands in all classes' texts: rows by image, then by class.
      const ofAll = tf.add(tf.zeros([images, classes, 1, 1]), tf.expandDims(prompts, 1));
      const prompt = tf.reshape(ofAll, [images * classes, this.length, width]);
      const rows = tf.reshape(tf.tile(tf.expandDims(texts, 0), [images, 1, 1, 1]), [images * classes, length, width]);
      return [overwrite(rows, prompt, this.start), tf.tile(ends, [images])];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { length, start, deviation } = this;
    return {
      ...super.getConfig(),
      length,
      start,
      deviation,
      seed: this.seed ?? null,
      ...this.promptArgs.configOf('prompt'),
    };
  }

  private checkedShapes(inputShape: Shape | Shape[]): Shape[] {
    const shapes = checkInputs('conditionalPrompt', inputShape, [3, 1, 2]);
    const [texts, , shifts] = shapes;
    if (texts[2] !== shifts[1]) {
      throw new MapleError(
        'conditionalPrompt: texts and shifts must have the same width. Received: ' +
          `${JSON.stringify([texts, shifts])}. The meta-net's \`units\` must be the text tower's width.`,
      );
    }
    checkRoom('conditionalPrompt', texts, this.start, this.length);
    return shapes;
  }
}
tf.serialization.registerClass(ConditionalPrompt);

/**
 * CoCoOp's prompt (Zhou et al., CVPR 2022, section 3.2): learned vectors, to each of which an image adds its shift, so
 * that every image has prompts of its own in the texts of all classes. Writes them over positions
 * `start .. start + length - 1`.
 *
 * **Input shapes**: texts [C, L, d], their end positions [C], shifts [B, d] of a {@link metaNet}.
 *
 * **Output shapes**: texts [B * C, L, d], by image and then by class, and their end positions [B * C].
 *
 * ```js
 * const inputs = [tf.zeros([3, 9, 16]), tf.tensor1d([6, 7, 8]), tf.ones([2, 16])];
 * const [texts, ends] = layers.conditionalPrompt({length: 4}).apply(inputs);
 * texts.shape; // [6, 9, 16]
 * ```
 *
 * @throws MapleError when the rows are too short for the prompt, or the widths differ
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function conditionalPrompt(args: ConditionalPromptArgs): ConditionalPrompt {
  return new ConditionalPrompt(args);
}
