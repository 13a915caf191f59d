import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkArgs, checkCount, type LayerArgs } from './layer_args.js';

/** Arguments of {@link classTokens}. */
export interface ClassTokensArgs extends LayerArgs {
  /** Number of classes. */
  classes: number;
  /** Tokens a class prompt, start and end included. */
  length: number;
  /** Width of the token embeddings. */
  units: number;
  /** Prompt vectors a text, where their positions differ from class to class; adds an output. Default: none. */
  slots?: number | null;
}

/** See {@link classTokens}. */
export class ClassTokens extends layers.Layer {
  /** @nocollapse */
  static className = 'ClassTokens';
  private readonly classes: number;
  private readonly length: number;
  private readonly units: number;
  private readonly slots: number | null;
  private embeddings!: LayerVariable;
  private ends!: LayerVariable;
  private positions?: LayerVariable;

  constructor(args: ClassTokensArgs) {
    super(args);
    this.classes = args.classes;
    this.length = args.length;
    this.units = args.units;
    this.slots = args.slots ?? null;
    checkCount('classTokens', 'classes', this.classes);
    checkCount('classTokens', 'length', this.length);
    checkCount('classTokens', 'units', this.units);
    if (this.slots !== null) {
      checkCount('classTokens', 'slots', this.slots);
    }
    checkArgs('classTokens', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    // Frozen whatever `trainable` says: class names are data. An untrained layer holds zeros until it is told them.
    const add = (name: string, shape: number[]) =>
      this.addWeight(name, shape, 'float32', initializers.zeros(), undefined, false);
    this.embeddings = add('embeddings', [this.classes, this.length, this.units]);
    this.ends = add('ends', [this.classes]);
    if (this.slots !== null) {
      this.positions = add('slots', [this.classes, this.slots]);
    }
    super.build(inputShape);
  }

  override computeOutputShape(): Shape[] {
    const slots = this.slots === null ? [] : [[this.classes, this.slots]];
    return [[this.classes, this.length, this.units], [this.classes], ...slots];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      // The model disposes what a call returns, so a weight is never returned itself.
      const weights = [this.embeddings, this.ends, ...(this.positions ? [this.positions] : [])];
      return weights.map((weight) => tf.clone(weight.read()));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { classes, length, units, slots } = this;
    return { ...super.getConfig(), classes, length, units, slots };
  }
}
tf.serialization.registerClass(ClassTokens);

/**
 * The source of the text tower: emits the frozen token embeddings of the class prompts and the position of each
 * one's end token. It is applied to the image input, which anchors it in the graph and which it ignores, so that the
 * number of classes need not be the number of images.
 *
 * **Input shape**: any (ignored). **Output shapes**: embeddings [classes, length, units], end positions [classes], and
 * with `slots` the positions of the prompt vectors [classes, slots].
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
