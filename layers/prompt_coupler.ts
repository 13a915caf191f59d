import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { dense } from './functional.js';
import { linearStart } from './linear_start.js';
import { checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link promptCoupler}. */
export interface PromptCouplerArgs extends LayerArgs {
  /** Width of the image tower. */
  units: number;
  /** Seed of the initial values; couplers of equal seed start equal, as MaPLe's do. */
  seed?: number | null;
}

/** See {@link promptCoupler}. */
export class PromptCoupler extends layers.Layer {
  /** @nocollapse */
  static className = 'PromptCoupler';
  private readonly units: number;
  private readonly seed: number | undefined;
  private kernel!: LayerVariable;
  private bias!: LayerVariable;

  constructor(args: PromptCouplerArgs) {
    super(args);
    this.units = args.units;
    this.seed = args.seed ?? undefined;
    checkCount('promptCoupler', 'units', this.units);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = checkInputs('promptCoupler', inputShape, [2])[0][1] as number;
    const start = linearStart(width, this.seed);
    this.kernel = this.addWeight('kernel', [width, this.units], 'float32', start.kernel);
    this.bias = this.addWeight('bias', [this.units], 'float32', start.bias);
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
    return { ...super.getConfig(), units: this.units, seed: this.seed ?? null };
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
