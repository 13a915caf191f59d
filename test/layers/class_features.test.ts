import * as tf from '@tensorflow/tfjs-core';
import { classFeatures } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

runLayerTest({
  name: 'classFeatures on images that it ignores',
  make: () => classFeatures({ classes: 5, units: 3 }),
  inputs: [{ shape: [3, 2, 2, 3], differentiable: false }],
  outputs: [[5, 3]],
  frozen: ['features'],
  expected: (_, { features }) => [tf.clone(features)],
  refusals: [
    [
      'no classes',
      () => classFeatures({ classes: 0, units: 3 }),
      'classFeatures: `classes` must be an integer of at least 1. Received: 0.',
    ],
    [
      'negative units',
      () => classFeatures({ classes: 2, units: -3 }),
      'classFeatures: `units` must be an integer of at least 1. Received: -3.',
    ],
  ],
});
