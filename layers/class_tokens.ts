import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkCount, type LayerArgs } from './layer_args.js';

/** Arguments of {@link classTokens}. */
export interface ClassTokensArgs extends LayerArgs {
  /** Number of classes. */
  classes: number;
  /** Tokens a class prompt, start and end included. */
  length: number;
  /** Width of the token embeddings. */
  units: number;
}

/** See {@link classTokens}. */
export class ClassTokens extends layers.Layer {
  /** @nocollapse */
  static className = 'ClassTokens';
  private readonly classes: number;
  private readonly length: number;
  private readonly units: number;
  private embeddings!: LayerVariable;
  private ends!: LayerVariable;

  constructor(args: ClassTokensArgs) {
    super(args);
    this.classes = args.classes;
    this.length = args.length;
    this.units = args.units;
    checkCount('classTokens', 'classes', this.classes);
    checkCount('classTokens', 'length', this.length);
    checkCount('classTokens', 'units', this.units);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = [this.classes, this.length, this.units];
    // Frozen whatever `trainable` says: class names are data. An untrained layer holds zeros until it is told them.
    this.embeddings = this.addWeight('embeddings', shape, 'float32', initializers.zeros(), undefined, false);
    this.ends = this.addWeight('ends', [this.classes], 'float32', initializers.zeros(), undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(): Shape[] {
    return [[this.classes, this.length, this.units], [this.classes]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      // The model disposes what a call returns, so a weight is never returned itself.
      return [tf.clone(this.embeddings.read()), tf.clone(this.ends.read())];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), classes: this.classes, length: this.length, units: this.units };
  }
}
tf.serialization.registerClass(ClassTokens);

/**
 * The source of the text tower: emits the frozen token embeddings of the class prompts and the position of each
 * one's end token. It is applied to the image input, which anchors it in the graph and which it ignores, so that the
 * number of classes need not be the number of images.
 *
 * **Input shape**: any (ignored). **Output shapes**: embeddings [classes, length, units], end positions [classes].
 *
 * ```js
 * const [embeddings, ends] = layers.classTokens({classes: 3, length: 7, units: 16}).apply(images);
 * embeddings.shape; // [3, 7, 16]
 * ```
 *
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function classTokens(args: ClassTokensArgs): ClassTokens {
  return new ClassTokens(args);
}
