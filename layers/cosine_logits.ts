import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { l2Normalize } from './functional.js';
import { checkArgs, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link cosineLogits}. */
export interface CosineLogitsArgs extends LayerArgs {
  /** Number of classes, where every image has text features of its own: [B * classes, d], by image. */
  classes?: number | null;
  /** Whether a learned number is added to the scaled cosines, SigLIP's logit bias. Default: false. */
  useBias?: boolean;
}

/** CLIP's initial temperature of 0.07, as the logarithm of its inverse. */
export const INITIAL_LOGIT_SCALE = Math.log(1 / 0.07);

/** SigLIP's initial bias (Zhai et al., ICCV 2023, section 3.2): most pairs of a batch are no pairs. */
export const INITIAL_LOGIT_BIAS = -10;

/** See {@link cosineLogits}. */
export class CosineLogits extends layers.Layer {
  /** @nocollapse */
  static className = 'CosineLogits';
  private readonly classes: number | null;
  private readonly useBias: boolean;
  private logitScale!: LayerVariable;
  private logitBias?: LayerVariable;

  constructor(args: CosineLogitsArgs = {}) {
    super(args);
    this.classes = args.classes ?? null;
    this.useBias = args.useBias ?? false;
    if (this.classes !== null) {
      checkCount('cosineLogits', 'classes', this.classes);
    }
    checkArgs('cosineLogits', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.computeOutputShape(inputShape);
    const initial = initializers.constant({ value: INITIAL_LOGIT_SCALE });
    this.logitScale = this.addWeight('logit_scale', [], 'float32', initial);
    if (this.useBias) {
      const bias = initializers.constant({ value: INITIAL_LOGIT_BIAS });
      this.logitBias = this.addWeight('logit_bias', [], 'float32', bias);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [images, texts] = checkInputs('cosineLogits', inputShape, [2, 2]);
    if (images[1] !== texts[1]) {
      throw new MapleError(
        `cosineLogits: image and text features must have the same width. Received: ${JSON.stringify([images, texts])}.`,
      );
    }
    if (this.classes !== null && images[0] !== null && texts[0] !== null && texts[0] !== images[0] * this.classes) {
      throw new MapleError(
        `cosineLogits: ${images[0]} images of ${this.classes} classes need ${images[0] * this.classes} text features. ` +
          `Received: ${JSON.stringify([images, texts])}.`,
      );
    }
    return [images[0], this.classes ?? texts[0]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [images, texts] = inputList(inputs);
      const [image, text] = [l2Normalize(images), l2Normalize(texts)];
      const cosines =
        this.classes === null ? tf.matMul(image, text, false, true) : cosinesOfEach(image, text, this.classes);
      const scaled = tf.mul(cosines, tf.exp(this.logitScale.read()));
      return this.logitBias ? tf.add(scaled, this.logitBias.read()) : scaled;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), classes: this.classes, useBias: this.useBias };
  }
}
tf.serialization.registerClass(CosineLogits);

/** [B, d] and [B * classes, d] -> [B, classes]. */
function cosinesOfEach(images: tf.Tensor, texts: tf.Tensor, classes: number): tf.Tensor {
  const [count, width] = images.shape as [number, number];
  const ofEach = tf.reshape(texts, [count, classes, width]);
  return tf.squeeze(tf.matMul(tf.expandDims(images, 1), ofEach, false, true), [1]);
}

/**
 * The head of a CLIP model: exp(logit_scale) times the cosine of every image feature with every text feature. With
 * `useBias` a SigLIP model's: its `logit_bias` is added, which no softmax over the classes sees but a sigmoid does.
 *
 * **Input shapes**: image features [B, d], text features [C, d], or with `classes` [B * classes, d]. **Output shape**:
 * [B, C].
 *
 * ```js
 * layers.cosineLogits().apply([tf.ones([4, 8]), tf.ones([3, 8])]).shape; // [4, 3]
 * ```
 *
 * @throws MapleError when the features are of different widths, or not as many as images times classes
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function cosineLogits(args?: CosineLogitsArgs): CosineLogits {
  return new CosineLogits(args);
}
