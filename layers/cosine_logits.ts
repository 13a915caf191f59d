import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { l2Normalize } from './functional.js';
import { checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link cosineLogits}. */
export type CosineLogitsArgs = LayerArgs;

/** CLIP's initial temperature of 0.07, as the logarithm of its inverse. */
const INITIAL_LOGIT_SCALE = Math.log(1 / 0.07);

/** See {@link cosineLogits}. */
export class CosineLogits extends layers.Layer {
  /** @nocollapse */
  static className = 'CosineLogits';
  private logitScale!: LayerVariable;

  constructor(args: CosineLogitsArgs = {}) {
    super(args);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.computeOutputShape(inputShape);
    const initial = initializers.constant({ value: INITIAL_LOGIT_SCALE });
    this.logitScale = this.addWeight('logit_scale', [], 'float32', initial);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [images, texts] = checkInputs('cosineLogits', inputShape, [2, 2]);
    if (images[1] !== texts[1]) {
      throw new MapleError(
        `cosineLogits: image and text features must have the same width. Received: ${JSON.stringify([images, texts])}.`,
      );
    }
    return [images[0], texts[0]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [images, texts] = inputList(inputs);
      const cosines = tf.matMul(l2Normalize(images) as tf.Tensor2D, l2Normalize(texts) as tf.Tensor2D, false, true);
      return tf.mul(cosines, tf.exp(this.logitScale.read()));
    });
  }
}
tf.serialization.registerClass(CosineLogits);

/**
 * The head of a CLIP model: exp(logit_scale) times the cosine of every image feature with every text feature.
 *
 * **Input shapes**: image features [B, d], text features [C, d]. **Output shape**: [B, C].
 *
 * ```js
 * layers.cosineLogits().apply([tf.ones([4, 8]), tf.ones([3, 8])]).shape; // [4, 3]
 * ```
 *
 * @throws MapleError when the features are of different widths
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function cosineLogits(args?: CosineLogitsArgs): CosineLogits {
  return new CosineLogits(args);
}
