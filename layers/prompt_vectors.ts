import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkArgs, checkCount, checkPositive, type LayerArgs } from './layer_args.js';
import { WeightArgs, type InitializerArg, type RegularizerArg } from './weight_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link promptVectors}. */
export interface PromptVectorsArgs extends LayerArgs {
  /** Number of prompt vectors. */
  length: number;
  /** Their width. */
  units: number;
  /** Standard deviation of the normal initial values. Default: 0.02. */
  deviation?: number;
  /**
   * Where every row learns a prompt of its own (CoOp's class-specific contexts): the numbers of rows, one an output.
   * Default: one prompt for all.
   */
  rows?: number[] | null;
  /** Seed of the initial values. */
  seed?: number | null;
  /** How the prompt starts, in place of `deviation` and `seed`: an initialiser as tfjs' layers take it. */
  promptInitializer?: InitializerArg;
  /** What the prompt's values cost, added to the loss: a regulariser as tfjs' layers take it. Default: nothing. */
  promptRegularizer?: RegularizerArg;
}

/** See {@link promptVectors}. */
export class PromptVectors extends layers.Layer {
  /** @nocollapse */
  static className = 'PromptVectors';
  private readonly length: number;
  private readonly units: number;
  private readonly deviation: number;
  private readonly rows: number[] | null;
  private readonly seed: number | undefined;
  private readonly promptArgs: WeightArgs;
  private prompt!: LayerVariable;

  constructor(args: PromptVectorsArgs) {
    super(args);
    this.length = args.length;
    this.units = args.units;
    this.deviation = args.deviation ?? 0.02;
    this.rows = args.rows ?? null;
    this.seed = args.seed ?? undefined;
    this.promptArgs = new WeightArgs(args.promptInitializer, args.promptRegularizer);
    checkCount('promptVectors', 'length', this.length);
    checkCount('promptVectors', 'units', this.units);
    checkPositive('promptVectors', 'deviation', this.deviation);
    this.rows?.forEach((count) => checkCount('promptVectors', 'rows', count));
    checkArgs('promptVectors', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const { initializer, regularizer } = this.promptArgs;
    const start = initializer ?? normalStart(this.deviation, this.seed);
    const rows = this.rows?.reduce((sum, count) => sum + count, 0);
    const shape = [...(rows === undefined ? [] : [rows]), this.length, this.units];
    this.prompt = this.addWeight('prompt', shape, 'float32', start, regularizer);
    super.build(inputShape);
  }

  override computeOutputShape(): Shape | Shape[] {
    const shapes = this.rows?.map((count) => [count, this.length, this.units]) ?? [[this.length, this.units]];
    return shapes.length === 1 ? shapes[0] : shapes;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const prompt = this.prompt.read();
      // The model disposes what a call returns, so the weight is never returned itself.
      return this.rows && this.rows.length > 1 ? tf.split(prompt, this.rows) : tf.clone(prompt);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { length, units, deviation, rows } = this;
    return {
      ...super.getConfig(),
      length,
      units,
      deviation,
      rows,
      seed: this.seed ?? null,
      ...this.promptArgs.configOf('prompt'),
    };
  }
}
tf.serialization.registerClass(PromptVectors);

/**
 * Learned prompt vectors P_i of a text tower (MaPLe, section 3.2) by themselves, for a {@link deepTextPrompt} that is
 * `given` them: where that stands inside a {@link recomputedModel}, which is frozen, or in several places. Applied to the
 * image input, which anchors it in the graph and which it ignores.
 *
 * **Input shape**: any (ignored). **Output shape**: [length, units]; with `rows` one output for each of them, [rows, length,
 * units].
 *
 * ```js
 * layers.promptVectors({length: 2, units: 16}).apply(images).shape; // [2, 16]
 * ```
 *
 * @throws MapleError when an argument is not of its kind
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function promptVectors(args: PromptVectorsArgs): PromptVectors {
  return new PromptVectors(args);
}
