import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkArgs, checkCount, type LayerArgs } from './layer_args.js';

/** Arguments of {@link classFeatures}. */
export interface ClassFeaturesArgs extends LayerArgs {
  /** Number of classes. */
  classes: number;
  /** Width of the text features. */
  units: number;
}

/** See {@link classFeatures}. */
export class ClassFeatures extends layers.Layer {
  /** @nocollapse */
  static className = 'ClassFeatures';
  private readonly classes: number;
  private readonly units: number;
  private features!: LayerVariable;

  constructor(args: ClassFeaturesArgs) {
    super(args);
    this.classes = args.classes;
    this.units = args.units;
    checkCount('classFeatures', 'classes', this.classes);
    checkCount('classFeatures', 'units', this.units);
    checkArgs('classFeatures', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = [this.classes, this.units];
    this.features = this.addWeight('features', shape, 'float32', initializers.zeros(), undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(): Shape {
    return [this.classes, this.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      // The model disposes what a call returns, so a weight is never returned itself.
      return tf.clone(this.features.read());
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), classes: this.classes, units: this.units };
  }
}
tf.serialization.registerClass(ClassFeatures);

/**
 * Text features worked out beforehand, in the text tower's place: a tuned model folded to its image tower. Applied to
 * the image input, which anchors it in the graph and which it ignores.
 *
 * **Input shape**: any (ignored). **Output shape**: [classes, units].
 *
 * ```js
 * layers.classFeatures({classes: 3, units: 8}).apply(images).shape; // [3, 8]
 * ```
 *
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function classFeatures(args: ClassFeaturesArgs): ClassFeatures {
  return new ClassFeatures(args);
}
