import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkArgs, checkChoice, checkCount, checkInputs, checkPositive, inputList, shapeList } from './layer_args.js';
import type { LayerArgs } from './layer_args.js';
import { WeightArgs, type InitializerArg, type RegularizerArg } from './weight_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link deepVisionPrompt}. */
export interface DeepVisionPromptArgs extends LayerArgs {
  /** Number of prompt vectors. */
  length: number;
  /** `append`: the rows grow by `length` (first block); `replace`: the last `length` tokens are overwritten. */
  mode: 'append' | 'replace';
  /** Standard deviation of the normal initial values of an own prompt. Default: 0.02. */
  deviation?: number;
  /** Seed of the initial values of an own prompt. */
  seed?: number | null;
  /** How the prompt starts, in place of `deviation` and `seed`: an initialiser as tfjs' layers take it. */
  promptInitializer?: InitializerArg;
  /** What the prompt's values cost, added to the loss: a regulariser as tfjs' layers take it. Default: nothing. */
  promptRegularizer?: RegularizerArg;
}

/** See {@link deepVisionPrompt}. */
export class DeepVisionPrompt extends layers.Layer {
  /** @nocollapse */
  static className = 'DeepVisionPrompt';
  private readonly length: number;
  private readonly mode: 'append' | 'replace';
  private readonly deviation: number;
  private readonly seed: number | undefined;
  private readonly promptArgs: WeightArgs;
  private prompt: LayerVariable | undefined;

  constructor(args: DeepVisionPromptArgs) {
    super(args);
    this.length = args.length;
    this.mode = args.mode;
    this.deviation = args.deviation ?? 0.02;
    this.seed = args.seed ?? undefined;
    this.promptArgs = new WeightArgs(args.promptInitializer, args.promptRegularizer);
    checkCount('deepVisionPrompt', 'length', this.length);
    checkPositive('deepVisionPrompt', 'deviation', this.deviation);
    checkChoice('deepVisionPrompt', 'mode', this.mode, ['append', 'replace']);
    checkArgs('deepVisionPrompt', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShape(inputShape)[2] as number;
    if (shapeList(inputShape).length === 2 && this.promptArgs.areGiven) {
      throw new MapleError(
        'deepVisionPrompt: a prompt that is an input has no initialiser and no regulariser: it is no weight.',
      );
    }
    if (shapeList(inputShape).length === 1) {
      const { initializer, regularizer } = this.promptArgs;
      const start = initializer ?? normalStart(this.deviation, this.seed);
      this.prompt = this.addWeight('prompt', [this.length, width], 'float32', start, regularizer);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [rows, length, width] = this.checkedShape(inputShape) as [number, number, number];
    return [rows, this.mode === 'append' ? length + this.length : length, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, given] = inputList(inputs);
      const [rows, length, width] = x.shape as [number, number, number];
      const prompt = given ?? (this.prompt as LayerVariable).read();
      const kept = this.mode === 'append' ? x : tf.slice(x, [0, 0, 0], [rows, length - this.length, width]);
      return tf.concat([kept, tf.add(tf.zeros([rows, this.length, width]), prompt)], 1);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      length: this.length,
      mode: this.mode,
      deviation: this.deviation,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config, ...this.promptArgs.configOf('prompt') };
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    const [shape, prompt] = checkInputs('deepVisionPrompt', inputShape, [3], [3, 2]);
    if (prompt && (prompt[0] !== this.length || prompt[1] !== shape[2])) {
      throw new MapleError(
        `deepVisionPrompt: the given prompt must have shape [${this.length}, ${shape[2]}]. ` +
          `Received: ${JSON.stringify(prompt)}. Its coupler's \`units\` must be the image tower's width.`,
      );
    }
    if (this.mode === 'replace' && (shape[1] ?? Infinity) < this.length) {
      throw new MapleError(
        `deepVisionPrompt: replacing ${this.length} tokens needs at least as many. Received: ${JSON.stringify(shape)}.`,
      );
    }
    return shape;
  }
}
tf.serialization.registerClass(DeepVisionPrompt);

/**
 * Prompt vectors of an image tower, at the end of every row (MaPLe, section 3.2). Applied to tokens alone it learns
 * its own vectors (VPT, independent prompting); applied to tokens and a prompt it inserts that one, which a
 * {@link promptCoupler} made from the text tower's (MaPLe), and has no weights.
 *
 * **Input shape**: [B, L, d], or that and the prompt [length, d].
 *
 * **Output shape**: [B, L + length, d] to append, [B, L, d] to replace.
 *
 * ```js
 * layers.deepVisionPrompt({length: 2, mode: 'append'}).apply(tf.zeros([4, 17, 16])).shape; // [4, 19, 16]
 * ```
 *
 * @throws MapleError when the given prompt is of another shape, or the rows are shorter than the prompt
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function deepVisionPrompt(args: DeepVisionPromptArgs): DeepVisionPrompt {
  return new DeepVisionPrompt(args);
}
