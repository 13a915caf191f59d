import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { deepTextPrompt, promptVectors } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

runLayerTest({
  name: 'promptVectors on images that it ignores',
  make: () => promptVectors({ length: 2, units: 4, deviation: 0.5, seed: 3 }),
  inputs: [{ shape: [3, 2, 2, 3], differentiable: false }],
  outputs: [[2, 4]],
  trainable: ['prompt'],
  expected: (_, { prompt }) => [tf.clone(prompt)],
  refusals: [
    [
      'a length of 0',
      () => promptVectors({ length: 0, units: 4 }),
      'promptVectors: `length` must be an integer of at least 1. Received: 0.',
    ],
    [
      'half a unit',
      () => promptVectors({ length: 1, units: 0.5 }),
      'promptVectors: `units` must be an integer of at least 1. Received: 0.5.',
    ],
    [
      'a negative deviation',
      () => promptVectors({ length: 1, units: 4, deviation: -1 }),
      'promptVectors: `deviation` must be a positive number. Received: -1.',
    ],
    [
      'an output of no rows',
      () => promptVectors({ length: 1, units: 4, rows: [3, 0] }),
      'promptVectors: `rows` must be an integer of at least 1. Received: 0.',
    ],
  ],
});

runLayerTest({
  name: 'promptVectors of each row its own, in one output',
  make: () => promptVectors({ length: 2, units: 4, rows: [3] }),
  inputs: [{ shape: [2, 3], differentiable: false }],
  outputs: [[3, 2, 4]],
  trainable: ['prompt'],
  expected: (_, { prompt }) => [tf.clone(prompt)],
});

runLayerTest({
  name: 'promptVectors of each row its own, in several outputs',
  make: () => promptVectors({ length: 2, units: 4, rows: [1, 3] }),
  inputs: [{ shape: [2, 3], differentiable: false }],
  outputs: [
    [1, 2, 4],
    [3, 2, 4],
  ],
  trainable: ['prompt'],
  expected: (_, { prompt }) => tf.split(prompt, [1, 3]),
});

test('promptVectors start as the prompt of deepTextPrompt does, of the same seed', () => {
  const within = deepTextPrompt({ length: 2, seed: 7 });
  const alone = promptVectors({ length: 2, units: 16, seed: 7 });
  within.build([null, 5, 16]);
  alone.build([null, 3]);
  expect(alone.getWeights()[0].dataSync()).toEqual(within.getWeights()[0].dataSync());
});
