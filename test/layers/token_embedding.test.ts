import * as tf from '@tensorflow/tfjs-core';
import { tokenEmbedding } from '../../layers/index.js';
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
      'one text without a batch dimension',
      () => tokenEmbedding({ vocabularySize: 8, units: 3 }).apply(tf.tensor1d([6, 1, 7])),
      'tokenEmbedding takes 1 input(s) of rank 2. Received: [[3]].',
    ],
  ],
});
