import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { layerNorm as normalise } from './functional.js';
import { checkArgs, checkPositive, inputList, shapeList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link layerNorm}. */
export interface LayerNormArgs extends LayerArgs {
  /** Added to the variance. Default: 1e-5, CLIP's (that of tf.layers.layerNormalization is 1e-3). */
  epsilon?: number;
}

/** See {@link layerNorm}. */
export class LayerNorm extends layers.Layer {
  /** @nocollapse */
  static className = 'LayerNorm';
  private readonly epsilon: number;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;

  constructor(args: LayerNormArgs = {}) {
    super(args);
    this.epsilon = args.epsilon ?? 1e-5;
    checkPositive('layerNorm', 'epsilon', this.epsilon);
    checkArgs('layerNorm', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = shapeList(inputShape)[0].at(-1) as number;
    this.gamma = this.addWeight('gamma', [width], 'float32', initializers.ones());
    this.beta = this.addWeight('beta', [width], 'float32', initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return shapeList(inputShape)[0];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return normalise(inputList(inputs)[0], this.gamma.read(), this.beta.read(), this.epsilon);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}
tf.serialization.registerClass(LayerNorm);

/**
 * LayerNorm over the last axis, with the epsilon and the thrifty gradient that CLIP's towers want.
 *
 * **Input shape**: [..., d]. **Output shape**: the same.
 *
 * ```js
 * layers.layerNorm().apply(tf.ones([2, 5, 16])).shape; // [2, 5, 16]
 * ```
 *
 * @throws MapleError when `epsilon` is no positive number
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function layerNorm(args?: LayerNormArgs): LayerNorm {
  return new LayerNorm(args);
}
