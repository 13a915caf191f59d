import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { l2Normalize } from './functional.js';
import { checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link probeLogits}: those of every layer. */
export type ProbeLogitsArgs = LayerArgs;

/** See {@link probeLogits}. */
export class ProbeLogits extends layers.Layer {
  /** @nocollapse */
  static className = 'ProbeLogits';
  private kernel!: LayerVariable;
  private bias!: LayerVariable;
  private textScale!: LayerVariable;

  override build(inputShape: Shape | Shape[]): void {
    const [, classes] = this.computeOutputShape(inputShape);
    const [[, width]] = inputShape as Shape[];
    this.kernel = this.addWeight('kernel', [width, classes], 'float32', initializers.zeros());
    this.bias = this.addWeight('bias', [classes], 'float32', initializers.zeros());
    this.textScale = this.addWeight('text_scale', [classes], 'float32', initializers.ones());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [images, texts] = checkInputs('probeLogits', inputShape, [2, 2]);
    if (images[1] !== texts[1] || texts[0] === null) {
      throw new MapleError(
        'probeLogits: image features [B, d] and text features [classes, d] must have the same width, and the number of ' +
          `classes be known. Received: ${JSON.stringify([images, texts])}.`,
      );
    }
    return [images[0], texts[0]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [images, texts] = inputList(inputs).map(l2Normalize);
      const ofTexts = tf.mul(tf.matMul(images, texts, false, true), this.textScale.read());
      return tf.add(tf.add(tf.matMul(images, this.kernel.read()), this.bias.read()), ofTexts);
    });
  }
}
tf.serialization.registerClass(ProbeLogits);

/**
 * A linear probe that also reads the class texts, LP++'s head (Huang et al., CVPR 2024): W f + b + s_c (f . t_c), the
 * image feature f and the text features t at unit length. Stands in the place of {@link cosineLogits}; `text_scale` is
 * what the logit scale is there, one number a class.
 *
 * Weights: `kernel` [d, C], `bias` [C], `text_scale` [C].
 *
 * **Input shapes**: image features [B, d], text features [C, d]. **Output shape**: [B, C].
 *
 * ```js
 * layers.probeLogits().apply([tf.ones([4, 8]), tf.ones([3, 8])]).shape; // [4, 3]
 * ```
 *
 * @throws MapleError when the features are of different widths, or the number of classes is not known
 * @doc {heading: 'Layers', subheading: 'Heads', namespace: 'layers'}
 */
export function probeLogits(args?: ProbeLogitsArgs): ProbeLogits {
  return new ProbeLogits(args ?? {});
}
