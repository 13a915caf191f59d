import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { deepTextPrompt, sentencePool } from '../../layers/index.js';
import { expectClose } from '../helpers/close.js';
import { runLayerTest } from '../helpers/layer_suite.js';

/** The last row of each sample plus the mean of those before it. */
const shifted = (x: tf.Tensor) =>
  tf.tensor2d(
    (x.arraySync() as number[][][]).map((sample) => {
      const before = sample.slice(0, -1);
      return sample[before.length].map(
        (value, i) => value + before.reduce((sum, row) => sum + row[i], 0) / Math.max(1, before.length),
      );
    }),
  );

for (const [name, length] of [
  ['a sentence behind three prompt vectors', 4],
  ['a sentence behind one prompt vector', 2],
  ['a sentence alone', 1],
] as const) {
  runLayerTest({
    name: `sentencePool of ${name}`,
    make: () => sentencePool(),
    inputs: [{ shape: [3, length, 5] }],
    outputs: [[3, 5]],
    expected: ([x]) => [shifted(x)],
    refusals: [
      [
        'no sentence',
        () => sentencePool().apply(tf.zeros([3, 0, 5])),
        'sentencePool: the number of tokens must be known and at least 1, the sentence itself. Received: [3,0,5].',
      ],
      [
        'features in place of tokens',
        () => sentencePool().apply(tf.zeros([3, 5])),
        'sentencePool takes 1 input(s) of rank 3. Received: [[3,5]].',
      ],
    ],
  });
}

describe('sentencePool', () => {
  test('behind deepTextPrompt it shifts every sentence by the mean prompt vector', () => {
    const sentences = tf.randomNormal([3, 1, 4], 0, 1, 'float32', 1);
    const prompt = deepTextPrompt({ length: 2, start: 0, seed: 2 });
    const rows = prompt.apply(tf.concat([tf.zeros([3, 2, 4]), sentences], 1)) as tf.Tensor;
    const shift = tf.mean(prompt.getWeights()[0], 0);
    expectClose(sentencePool().apply(rows) as tf.Tensor, tf.add(tf.squeeze(sentences, [1]), shift), 1e-6);
    expect(tf.max(tf.abs(shift)).dataSync()[0]).toBeGreaterThan(0);
  });
});
