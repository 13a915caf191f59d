import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { tokenEmbedding } from '../../layers/index.js';
import { savedWithout } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';

/** Start, words, end (the highest id), padding. */
const IDS = [
  [6, 1, 7, 0],
  [6, 1, 1, 7],
  [6, 7, 0, 0],
];

runLayerTest({
  name: 'tokenEmbedding',
  make: () => tokenEmbedding({ vocabularySize: 8, units: 3 }),
  inputs: [{ shape: [3, 4], values: IDS.flat(), differentiable: false }],
  outputs: [[3, 4, 3], [3]],
  trainable: ['embeddings'],
  expected: (_, { embeddings }) => {
    const table = embeddings.arraySync() as number[][];
    return [tf.tensor3d(IDS.map((row) => row.map((id) => table[id]))), tf.tensor1d([2, 3, 1])];
  },
  refusals: [
    [
      'an empty vocabulary',
      () => tokenEmbedding({ vocabularySize: 0, units: 3 }),
      'tokenEmbedding: `vocabularySize` must be an integer of at least 1. Received: 0.',
    ],
    [
      'no units',
      () => tokenEmbedding({ vocabularySize: 8, units: 0 }),
      'tokenEmbedding: `units` must be an integer of at least 1. Received: 0.',
    ],
    [
      'another end',
      () => tokenEmbedding({ vocabularySize: 8, units: 3, ends: 'first' as 'last' }),
      'tokenEmbedding: `ends` must be one of highest, last. Received: "first".',
    ],
    [
      'one text without a batch dimension',
      () => tokenEmbedding({ vocabularySize: 8, units: 3 }).apply(tf.tensor1d([6, 1, 7])),
      'tokenEmbedding takes 1 input(s) of rank 2. Received: [[3]].',
    ],
  ],
});

runLayerTest({
  name: 'tokenEmbedding of texts that end at the last position, padding or not',
  make: () => tokenEmbedding({ vocabularySize: 8, units: 3, ends: 'last' }),
  inputs: [{ shape: [3, 4], values: IDS.flat(), differentiable: false }],
  outputs: [[3, 4, 3], [3]],
  trainable: ['embeddings'],
  expected: (_, { embeddings }) => {
    const table = embeddings.arraySync() as number[][];
    return [tf.tensor3d(IDS.map((row) => row.map((id) => table[id]))), tf.tensor1d([3, 3, 3])];
  },
});

describe('tokenEmbedding', () => {
  test('saved before it could end elsewhere ends at the highest id', () => {
    const layer = savedWithout(tokenEmbedding({ vocabularySize: 8, units: 3 }), 'ends');
    const [, ends] = layer.apply(tf.tensor2d(IDS)) as tf.Tensor[];
    expect(ends.arraySync()).toEqual([2, 3, 1]);
  });
});
