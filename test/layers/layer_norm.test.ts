import * as tf from '@tensorflow/tfjs-core';
import { layerNorm } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { layerNormRow, type Row } from '../helpers/reference.js';

/** The last axis' rows, normalised one by one. */
const reference =
  (epsilon: number) =>
  ([x]: tf.Tensor[], { gamma, beta }: Record<string, tf.Tensor>) => {
    const width = x.shape.at(-1) as number;
    const rows = tf.reshape(x, [-1, width]).arraySync() as Row[];
    const normal = rows.map((row) => layerNormRow(row, gamma.arraySync() as Row, beta.arraySync() as Row, epsilon));
    return [tf.reshape(tf.tensor2d(normal), x.shape)];
  };

runLayerTest({
  name: 'layerNorm over tokens',
  make: () => layerNorm(),
  inputs: [{ shape: [3, 4, 5] }],
  outputs: [[3, 4, 5]],
  trainable: ['gamma', 'beta'],
  expected: reference(1e-5),
});

runLayerTest({
  name: 'layerNorm over features, with an epsilon that shows',
  make: () => layerNorm({ epsilon: 0.3 }),
  inputs: [{ shape: [3, 5] }],
  outputs: [[3, 5]],
  trainable: ['gamma', 'beta'],
  expected: reference(0.3),
  refusals: [
    [
      'an epsilon of 0',
      () => layerNorm({ epsilon: 0 }),
      'layerNorm: `epsilon` must be a positive number. Received: 0.',
    ],
  ],
});
