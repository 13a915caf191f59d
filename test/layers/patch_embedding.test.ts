import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { patchEmbedding } from '../../layers/index.js';
import { savedWithout } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';

/** What the layer is short for: a convolution whose stride is its size, its cells as rows. */
function cellsOf(x: tf.Tensor, kernel: tf.Tensor, side: number): tf.Tensor {
  const cells = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, side, 'valid');
  return tf.reshape(cells, [cells.shape[0], -1, cells.shape[3]]);
}

/** The class token before them. */
function withToken(token: tf.Tensor, cells: tf.Tensor): tf.Tensor {
  const [rows, , units] = cells.shape;
  return tf.concat([tf.tile(tf.reshape(token, [1, 1, units as number]), [rows, 1, 1]), cells], 1);
}

for (const [name, side, shape, tokens] of [
  ['patchEmbedding of square images', 2, [3, 4, 4, 3], 5],
  ['patchEmbedding of wide images of one channel', 3, [2, 3, 6, 1], 3],
] as const) {
  runLayerTest({
    name,
    make: () => patchEmbedding({ patchSize: side, units: 5 }),
    inputs: [{ shape: [...shape] }],
    outputs: [[shape[0], tokens, 5]],
    trainable: ['kernel', 'class_token'],
    expected: ([x], weights) => [withToken(weights.class_token, cellsOf(x, weights.kernel, side))],
    refusals: [
      [
        'a patch of 0',
        () => patchEmbedding({ patchSize: 0, units: 5 }),
        'patchEmbedding: `patchSize` must be an integer of at least 1. Received: 0.',
      ],
      [
        'no units',
        () => patchEmbedding({ patchSize: 2, units: 0 }),
        'patchEmbedding: `units` must be an integer of at least 1. Received: 0.',
      ],
      [
        'an image smaller than a patch',
        () => patchEmbedding({ patchSize: 5, units: 5 }).apply(tf.zeros([1, 4, 5, 3])),
        "patchEmbedding: the image's sides must be known, and at least `patchSize`. " +
          'Received: images [1,4,5,3], patchSize=5.',
      ],
      [
        'one image without a batch dimension',
        () => patchEmbedding({ patchSize: 2, units: 5 }).apply(tf.zeros([4, 4, 3])),
        'patchEmbedding takes 1 input(s) of rank 4. Received: [[4,4,3]].',
      ],
    ],
  });
}

runLayerTest({
  name: 'patchEmbedding without class token, with a bias',
  make: () => patchEmbedding({ patchSize: 2, units: 5, classToken: false, useBias: true }),
  inputs: [{ shape: [3, 4, 4, 3] }],
  outputs: [[3, 4, 5]],
  trainable: ['kernel', 'bias'],
  expected: ([x], { kernel, bias }) => [tf.add(cellsOf(x, kernel, 2), bias)],
});

runLayerTest({
  name: 'patchEmbedding with class token and bias: the token has none',
  make: () => patchEmbedding({ patchSize: 2, units: 5, useBias: true }),
  inputs: [{ shape: [2, 4, 2, 3] }],
  outputs: [[2, 3, 5]],
  trainable: ['kernel', 'bias', 'class_token'],
  expected: ([x], weights) => [withToken(weights.class_token, tf.add(cellsOf(x, weights.kernel, 2), weights.bias))],
});

describe('patchEmbedding', () => {
  test('saved before it could leave the class token out comes back with one, without bias', () => {
    const today = patchEmbedding({ name: 'patches', patchSize: 2, units: 5 });
    const layer = savedWithout(today, 'classToken', 'useBias');
    expect((layer.apply(tf.zeros([1, 4, 4, 3])) as tf.Tensor).shape).toEqual([1, 5, 5]);
    expect(layer.weights.map(({ originalName }) => originalName)).toEqual(['patches/kernel', 'patches/class_token']);
  });
});

test('what is left over at the right and lower side belongs to no patch, as in a convolution without padding', () => {
  const layer = patchEmbedding({ patchSize: 2, units: 5, seed: 1 });
  const images = tf.randomNormal([2, 5, 7, 3], 0, 1, 'float32', 3);
  const tokens = layer.apply(images) as tf.Tensor;
  expect(tokens.shape).toEqual([2, 1 + 2 * 3, 5]);
  const cut = layer.apply(tf.slice(images, [0, 0, 0, 0], [2, 4, 6, 3])) as tf.Tensor;
  expect([...tokens.dataSync()]).toEqual([...cut.dataSync()]);
});
