import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { dense } from './functional.js';
import { linearStart } from './linear_start.js';
import { checkArgs, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';
import { WeightArgs, type InitializerArg, type RegularizerArg } from './weight_args.js';

/** Arguments of {@link promptCoupler}. */
export interface PromptCouplerArgs extends LayerArgs {
  /** Width of the image tower. */
  units: number;
  /** Seed of the initial values; couplers of equal seed start equal, as MaPLe's do. */
  seed?: number | null;
  /** How kernels start, in place of PyTorch's uniform values: an initialiser as tfjs' layers take it. */
  kernelInitializer?: InitializerArg;
  /** How biases start, likewise. */
  biasInitializer?: InitializerArg;
  /** What the kernels' values cost, added to the loss: a regulariser as tfjs' layers take it. Default: nothing. */
  kernelRegularizer?: RegularizerArg;
  /** What the biases' values cost, likewise. */
  biasRegularizer?: RegularizerArg;
}

/** See {@link promptCoupler}. */
export class PromptCoupler extends layers.Layer {
  /** @nocollapse */
  static className = 'PromptCoupler';
  private readonly units: number;
  private readonly seed: number | undefined;
  private readonly kernelArgs: WeightArgs;
  private readonly biasArgs: WeightArgs;
  private kernel!: LayerVariable;
  private bias!: LayerVariable;

  constructor(args: PromptCouplerArgs) {
    super(args);
    this.units = args.units;
    this.seed = args.seed ?? undefined;
    this.kernelArgs = new WeightArgs(args.kernelInitializer, args.kernelRegularizer);
    this.biasArgs = new WeightArgs(args.biasInitializer, args.biasRegularizer);
    checkCount('promptCoupler', 'units', this.units);
    checkArgs('promptCoupler', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = checkInputs('promptCoupler', inputShape, [2])[0][1] as number;
    const start = linearStart(width, this.seed);
    this.kernel = this.addWeight(
      'kernel',
      [width, this.units],
      'float32',
      this.kernelArgs.initializer ?? start.kernel,
      this.kernelArgs.regularizer,
    );
    this.bias = this.addWeight(
      'bias',
      [this.units],
      'float32',
      this.biasArgs.initializer ?? start.bias,
      this.biasArgs.regularizer,
    );
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [checkInputs('promptCoupler', inputShape, [2])[0][0], this.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return dense(inputList(inputs)[0], this.kernel.read(), this.bias.read());
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      seed: this.seed ?? null,
      ...this.kernelArgs.configOf('kernel'),
      ...this.biasArgs.configOf('bias'),
    };
  }
}
tf.serialization.registerClass(PromptCoupler);

/**
 * MaPLe's coupling function F_i (section 3.3): a linear map with bias that turns a text prompt into an image prompt.
 * One layer a depth, or one layer applied at every depth (the paper's unified variant).
 *
 * **Input shape**: prompt [length, d_l]. **Output shape**: [length, units].
 *
 * ```js
 * layers.promptCoupler({units: 768}).apply(tf.zeros([2, 512])).shape; // [2, 768]
 * ```
 *
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function promptCoupler(args: PromptCouplerArgs): PromptCoupler {
  return new PromptCoupler(args);
}
