import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { dense, l2Normalize } from './functional.js';
import { linearStart } from './linear_start.js';
import { checkArgs, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';
import { WeightArgs, type InitializerArg, type RegularizerArg } from './weight_args.js';

/** Arguments of {@link metaNet}. */
export interface MetaNetArgs extends LayerArgs {
  /** Width of the text tower. */
  units: number;
  /** Hidden width; the official code takes a sixteenth of the features'. */
  hiddenUnits: number;
  /** Seed of the initial values. */
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

/** See {@link metaNet}. */
export class MetaNet extends layers.Layer {
  /** @nocollapse */
  static className = 'MetaNet';
  private readonly units: number;
  private readonly hiddenUnits: number;
  private readonly seed: number | undefined;
  private readonly kernelArgs: WeightArgs;
  private readonly biasArgs: WeightArgs;
  private weightsOf!: Record<'hidden' | 'out', [kernel: LayerVariable, bias: LayerVariable]>;

  constructor(args: MetaNetArgs) {
    super(args);
    this.units = args.units;
    this.hiddenUnits = args.hiddenUnits;
    this.seed = args.seed ?? undefined;
    this.kernelArgs = new WeightArgs(args.kernelInitializer, args.kernelRegularizer);
    this.biasArgs = new WeightArgs(args.biasInitializer, args.biasRegularizer);
    checkCount('metaNet', 'units', this.units);
    checkCount('metaNet', 'hiddenUnits', this.hiddenUnits);
    checkArgs('metaNet', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = checkInputs('metaNet', inputShape, [2])[0][1] as number;
    this.weightsOf = {
      hidden: this.addLinear('hidden', width, this.hiddenUnits, 0),
      out: this.addLinear('out', this.hiddenUnits, this.units, 2),
    };
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [checkInputs('metaNet', inputShape, [2])[0][0], this.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const { hidden, out } = this.weightsOf;
      const between = tf.relu(dense(l2Normalize(inputList(inputs)[0]), hidden[0].read(), hidden[1].read()));
      return dense(between, out[0].read(), out[1].read());
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      hiddenUnits: this.hiddenUnits,
      seed: this.seed ?? null,
      ...this.kernelArgs.configOf('kernel'),
      ...this.biasArgs.configOf('bias'),
    };
  }

  private addLinear(name: string, inputs: number, outputs: number, index: number): [LayerVariable, LayerVariable] {
    const start = linearStart(inputs, this.seed === undefined ? undefined : this.seed + index);
    return [
      this.addWeight(
        `${name}/kernel`,
        [inputs, outputs],
        'float32',
        this.kernelArgs.initializer ?? start.kernel,
        this.kernelArgs.regularizer,
      ),
      this.addWeight(
        `${name}/bias`,
        [outputs],
        'float32',
        this.biasArgs.initializer ?? start.bias,
        this.biasArgs.regularizer,
      ),
    ];
  }
}
tf.serialization.registerClass(MetaNet);

/**
 * CoCoOp's meta-net (Zhou et al., CVPR 2022, section 3.2): what an image's features, scaled to unit length, add to
 * every prompt vector. Linear map, ReLU, linear map.
 *
 * **Input shape**: image features [B, d]. **Output shape**: [B, units].
 *
 * ```js
 * layers.metaNet({units: 512, hiddenUnits: 32}).apply(tf.ones([4, 512])).shape; // [4, 512]
 * ```
 *
 * @doc {heading: 'Layers', subheading: 'Prompts', namespace: 'layers'}
 */
export function metaNet(args: MetaNetArgs): MetaNet {
  return new MetaNet(args);
}
