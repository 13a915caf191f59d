import * as tf from '@tensorflow/tfjs-core';
import { nearness, oneHotRows } from '../../layers/cache_logits.js';
import type { ClassTexts, PictureFeatures } from './features.js';
import type { Head } from './head.js';
import { rowsOf, textLogits } from './tip_adapter.js';

/**
 * What a head says of pictures whose features are at hand, without the tower: the logits of {@link withHead}'s model.
 *
 * ```ts no-run
 * const logits = headLogits(head, await pictureFeatures(model, dataset.validation), await classTexts(model));
 * ```
 * @returns [pictures, classes]; to be disposed by the caller
 */
export function headLogits(
  head: Head,
  features: Pick<PictureFeatures, 'values' | 'width'>,
  texts: ClassTexts,
): tf.Tensor2D {
  return tf.tidy(() => {
    const rows = rowsOf(features);
    const { width, classes } = head;
    if ('keys' in head) {
      const { alpha, beta } = head.settings;
      const near = nearness(tf.matMul(rows, rowsOf({ values: head.keys, width }), false, true), beta);
      const cache = tf.matMul(near as tf.Tensor2D, oneHotRows(tf.tensor1d(head.labels), classes));
      return tf.add(textLogits(rows, texts), tf.mul(cache, alpha));
    }
    const linear = tf.add(tf.matMul(rows, tf.tensor2d(head.kernel, [width, classes])), tf.tensor1d(head.bias));
    return tf.add(linear, tf.mul(tf.matMul(rows, rowsOf(texts), false, true), tf.tensor1d(head.textScale)));
  });
}
