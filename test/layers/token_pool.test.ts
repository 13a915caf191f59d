import * as tf from '@tensorflow/tfjs-core';
import { tokenPool } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const rowsAt = (x: tf.Tensor, positions: number[]) =>
  tf.tensor2d((x.arraySync() as number[][][]).map((row, i) => row[positions[i]]));

runLayerTest({
  name: 'tokenPool takes the first token by default',
  make: () => tokenPool(),
  inputs: [{ shape: [3, 4, 5] }],
  outputs: [[3, 5]],
  expected: ([x]) => [rowsAt(x, [0, 0, 0])],
  refusals: [
    [
      'another query',
      () => tokenPool({ query: 'all' as 'first' }),
      'tokenPool: `query` must be one of first, given. Received: "all".',
    ],
    [
      'positions that were not asked for',
      () => tokenPool().apply([tf.zeros([3, 4, 5]), tf.zeros([3])]),
      'tokenPool takes 1 input(s) of rank 3. Received: [[3,4,5],[3]].',
    ],
  ],
});

runLayerTest({
  name: 'tokenPool takes the given tokens',
  make: () => tokenPool({ query: 'given' }),
  inputs: [{ shape: [3, 4, 5] }, { shape: [3], values: [3, 0, 2], differentiable: false }],
  outputs: [[3, 5]],
  expected: ([x]) => [rowsAt(x, [3, 0, 2])],
  refusals: [
    [
      'no positions',
      () => tokenPool({ query: 'given' }).apply(tf.zeros([3, 4, 5])),
      'tokenPool takes 2 input(s) of rank 3, 1. Received: [[3,4,5]].',
    ],
  ],
});
