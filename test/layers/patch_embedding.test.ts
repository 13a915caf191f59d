import * as tf from '@tensorflow/tfjs-core';
import { patchEmbedding } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

/** What the layer is short for: a convolution whose stride is its size, the class token before its cells. */
function convolved(x: tf.Tensor, kernel: tf.Tensor, token: tf.Tensor, side: number): tf.Tensor {
  const cells = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, side, 'valid');
  const [rows, , , units] = cells.shape;
  const first = tf.tile(tf.reshape(token, [1, 1, units]), [rows, 1, 1]);
  return tf.concat([first, tf.reshape(cells, [rows, -1, units])], 1);
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
    expected: ([x], weights) => [convolved(x, weights.kernel, weights.class_token, side)],
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
        'an image that patches do not cover',
        () => patchEmbedding({ patchSize: 2, units: 5 }).apply(tf.zeros([1, 4, 5, 3])),
        "patchEmbedding: the image's sides must be known multiples of `patchSize`. " +
          'Received: images [1,4,5,3], patchSize=2.',
      ],
      [
        'one image without a batch dimension',
        () => patchEmbedding({ patchSize: 2, units: 5 }).apply(tf.zeros([4, 4, 3])),
        'patchEmbedding takes 1 input(s) of rank 4. Received: [[4,4,3]].',
      ],
    ],
  });
}
