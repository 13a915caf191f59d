import * as tf from '@tensorflow/tfjs-core';
import type { ClassTexts, PictureFeatures } from '../heads/features.js';
import type { Head } from '../heads/head.js';
import { headLogits } from '../heads/head_logits.js';
import { textLogits } from '../heads/tip_adapter.js';
import { mustBeNumbers } from './must_be_numbers.js';
import type { SplitMetrics, ValidationFigures } from './record.js';
import { splitMetrics } from './split_metrics.js';

/** What labelled pictures whose features are at hand say of a classifier. */
export interface FeatureTest {
  metrics: SplitMetrics;
  validation: ValidationFigures;
}

/**
 * Tests a classifier, or a head on it, on pictures whose features are at hand: a tower's one pass over the pictures serves
 * for all that stands on it.
 * @param head - default: none, the texts alone
 * @param nameOf - names the picture of a row, for errors
 * @throws MapleError when a logit is no number
 */
export async function testOnFeatures(
  features: PictureFeatures,
  texts: ClassTexts,
  head?: Head,
  nameOf = (row: number): string => `picture ${row + 1}`,
): Promise<FeatureTest> {
  const { labels } = features;
  const [answers, losses] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
    const rows = tf.tensor2d(features.values, [labels.length, features.width]);
    const logits = head === undefined ? textLogits(rows, texts) : headLogits(head, features, texts);
    const logProbabilities = tf.logSoftmax(logits);
    const own = tf.mul(tf.oneHot(tf.tensor1d(labels, 'int32'), texts.classNames.length), logProbabilities);
    return [tf.argMax(logits, 1), tf.neg(tf.sum(own, 1))];
  });
  const [said, loss] = await Promise.all([answers.data<'int32'>(), losses.data<'float32'>()]);
  tf.dispose([answers, losses]);
  mustBeNumbers(loss, 1, nameOf);
  const metrics = splitMetrics([...texts.classNames], [...labels], [...said]);
  const mean = loss.reduce((sum, value) => sum + value, 0) / labels.length;
  return { metrics, validation: { pictures: labels.length, accuracy: metrics.accuracy, loss: mean } };
}

/** The features of some of the pictures, by their places. */
export function featuresOf(features: PictureFeatures, places: readonly number[]): PictureFeatures {
  const { width } = features;
  const rowsOf = (all: Float32Array): Float32Array => {
    const rows = new Float32Array(places.length * width);
    places.forEach((place, row) => rows.set(all.subarray(place * width, (place + 1) * width), row * width));
    return rows;
  };
  return {
    width,
    values: rowsOf(features.values),
    labels: places.map((place) => features.labels[place]),
    views: features.views.map(rowsOf),
  };
}
