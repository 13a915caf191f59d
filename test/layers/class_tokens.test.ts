import * as tf from '@tensorflow/tfjs-core';
import { classTokens } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const args = { classes: 5, length: 4, units: 3 };

runLayerTest({
  name: 'classTokens on images that it ignores',
  make: () => classTokens(args),
  inputs: [{ shape: [3, 2, 2, 3], differentiable: false }],
  outputs: [[5, 4, 3], [5]],
  frozen: ['embeddings', 'ends'],
  expected: (_, { embeddings, ends }) => [tf.clone(embeddings), tf.clone(ends)],
  refusals: (['classes', 'length', 'units'] as const).map((field) => [
    `${field} of 0`,
    () => classTokens({ ...args, [field]: 0 }),
    `classTokens: \`${field}\` must be an integer of at least 1. Received: 0.`,
  ]),
});

runLayerTest({
  name: 'classTokens with the positions of prompt vectors',
  make: () => classTokens({ ...args, slots: 2 }),
  inputs: [{ shape: [3, 2, 2, 3], differentiable: false }],
  outputs: [[5, 4, 3], [5], [5, 2]],
  frozen: ['embeddings', 'ends', 'slots'],
  expected: (_, { embeddings, ends, slots }) => [tf.clone(embeddings), tf.clone(ends), tf.clone(slots)],
  refusals: [
    [
      'no slots',
      () => classTokens({ ...args, slots: 0 }),
      'classTokens: `slots` must be an integer of at least 1. Received: 0.',
    ],
  ],
});
