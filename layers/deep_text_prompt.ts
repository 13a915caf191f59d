import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { overwrite, overwriteAt } from './functional.js';
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

/** Arguments of {@link deepTextPrompt}. */
export interface DeepTextPromptArgs extends LayerArgs {
  /** Number of prompt vectors. */
  length: number;
  /** First position they take. Default: 1, behind the start token; 0 where a text has none. */
  start?: number;
  /** Standard deviation of the normal initial values. Default: 0.02. */
  deviation?: number;
  /** Number of rows that each learn a prompt of their own (CoOp's class-specific contexts). Default: one for all. */
  rows?: number | null;
  /** Whether the prompt itself is a second output, for a coupler. Default: false. */
  returnPrompt?: boolean;
  /** Whether the prompt is no weight but the second input, of {@link promptVectors}. Default: false. */
  given?: boolean;
  /** Seed of the initial values. */
  seed?: number | null;
  /** How the prompt starts, in place of `deviation` and `seed`: an initialiser as tfjs' layers take it. */
  promptInitializer?: InitializerArg;
  /** What the prompt's values cost, added to the loss: a regulariser as tfjs' layers take it. Default: nothing. */
  promptRegularizer?: RegularizerArg;
}

/** Ranks of the inputs: tokens, and the positions of a prompt that is a weight; */
const LEARNED = [[3], [3, 2]];
/** tokens, a given prompt, one for all or one a row, and the positions. */
const GIVEN = [
  [3, 2],
  [3, 3],
  [3, 2, 2],
  [3, 3, 2],
];

/** See {@link deepTextPrompt}. */
export class DeepTextPrompt extends layers.Layer {
  /** @nocollapse */
  static className = 'DeepTextPrompt';
  private readonly length: number;
  private readonly start: number;
  private readonly deviation: number;
  private readonly rows: number | null;
  private readonly returnPrompt: boolean;
  private readonly given: boolean;
  private readonly seed: number | undefined;
  private readonly promptArgs: WeightArgs;
  private prompt: LayerVariable | undefined;

  constructor(args: DeepTextPromptArgs) {
    super(args);
    this.length = args.length;
    this.start = args.start ?? 1;
    this.deviation = args.deviation ?? 0.02;
    this.rows = args.rows ?? null;
    this.returnPrompt = args.returnPrompt ?? false;
    this.given = args.given ?? false;
    this.seed = args.seed ?? undefined;
    this.promptArgs = new WeightArgs(args.promptInitializer, args.promptRegularizer);
    checkCount('deepTextPrompt', 'length', this.length);
    checkCount('deepTextPrompt', 'start', this.start, 0);
    checkPositive('deepTextPrompt', 'deviation', this.deviation);
    if (this.rows !== null) {
      checkCount('deepTextPrompt', 'rows', this.rows);
    }
    if (this.given && this.promptArgs.areGiven) {
      throw new MapleError('deepTextPrompt: a `given` prompt has no initialiser and no regulariser: it is no weight.');
    }
    if (this.given && (this.rows !== null || this.returnPrompt)) {
      throw new MapleError('deepTextPrompt: a `given` prompt goes with neither `rows` nor `returnPrompt`.');
    }
    checkArgs('deepTextPrompt', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShape(inputShape)[2] as number;
    if (!this.given) {
      const { initializer, regularizer } = this.promptArgs;
      const start = initializer ?? normalStart(this.deviation, this.seed);
      this.prompt = this.addWeight('prompt', this.promptShape(width), 'float32', start, regularizer);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shape = this.checkedShape(inputShape);
    return this.returnPrompt ? [shape, this.promptShape(shape[2] as number)] : shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, ...others] = inputList(inputs);
      const prompt = this.given ? others[0] : (this.prompt as LayerVariable).read();
      const positions = this.given ? others[1] : others[0];
      const prompted = positions ? overwriteAt(x, prompt, positions) : overwrite(x, prompt, this.start);
      // The model disposes what a call returns, so the weight is never returned itself.
      return this.returnPrompt ? [prompted, tf.clone(prompt)] : prompted;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      length: this.length,
      start: this.start,
      deviation: this.deviation,
      rows: this.rows,
      returnPrompt: this.returnPrompt,
      given: this.given,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config, ...this.promptArgs.configOf('prompt') };
  }

  private promptShape(width: number): number[] {
    return this.rows === null ? [this.length, width] : [this.rows, this.length, width];
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    const [shape, ...others] = checkInputs('deepTextPrompt', inputShape, ...(this.given ? GIVEN : LEARNED));
    const [prompt, positions] = this.given ? others : [undefined, others[0]];
    if (prompt && (prompt[prompt.length - 2] !== this.length || prompt[prompt.length - 1] !== shape[2])) {
      throw new MapleError(
        `deepTextPrompt: the given prompt must have shape [${this.length}, ${shape[2]}], or that a row. ` +
          `Received: ${JSON.stringify(prompt)}.`,
      );
    }
    if (this.rows !== null && shape[0] !== null && shape[0] !== this.rows) {
      throw new MapleError(
        `deepTextPrompt: ${this.rows} rows with prompts of their own need as many rows. Received: ` +
          `${JSON.stringify(shape)}.`,
      );
    }
    if (positions && positions[1] !== this.length) {
      throw new MapleError(
        `deepTextPrompt: the positions must have shape [rows, ${this.length}]. Received: ${JSON.stringify(positions)}.`,
      );
    }
    checkRoom('deepTextPrompt', shape, this.start, this.length);
    return shape;
  }
}
tf.serialization.registerClass(DeepTextPrompt);

/**
 * Learned prompt vectors P_i of a text tower (MaPLe, section 3.2): writes them over positions
 * `start .. start + length - 1` of every row. One such layer stands before each of the first `depth` blocks; the one
 * before the first block stands before the positional embedding is added.
 *
 * Applied to tokens and positions [N, length] it writes over those, which may differ from row to row: CoOp with the
 * class name in the middle or in front.
 *
 * **Input shape**: [N, L, d], with `given` also the prompt, [length, d] or [N, length, d]; last the positions [N, length], if
 * any. **Output shape**: that of the tokens; with `returnPrompt` also the prompt, [length, d] or, with `rows`, [rows,
 * length, d].
 *
 * ```js
 * const model = tf.sequential();
 * model.add(layers.transformerBlock({heads: 2, mlpWidth: 64, inputShape: [12, 16]}));
 * model.add(layers.deepTextPrompt({length: 2}));
 * model.add(layers.transformerBlock({heads: 2, mlpWidth: 64}));
 * model.outputs[0].shape; // [null, 12, 16]
 * ```
 *
 * @throws MapleError when the rows are too short for the prompt, or not as many as `rows`
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function deepTextPrompt(args: DeepTextPromptArgs): DeepTextPrompt {
  return new DeepTextPrompt(args);
}
