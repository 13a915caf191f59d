import * as tf from '@tensorflow/tfjs-core';
import { learnedPositions } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

for (const [name, positions] of [
  ['learnedPositions', 4],
  ['learnedPositions, more than there are tokens', 6],
] as const) {
  runLayerTest({
    name,
    make: () => learnedPositions({ positions }),
    inputs: [{ shape: [3, 4, 5] }],
    outputs: [[3, 4, 5]],
    trainable: ['positions'],
    expected: ([x], weights) => {
      const added = weights.positions.arraySync() as number[][];
      const rows = x.arraySync() as number[][][];
      return [tf.tensor3d(rows.map((row) => row.map((token, i) => token.map((value, j) => value + added[i][j]))))];
    },
    refusals: [
      [
        'no positions',
        () => learnedPositions({ positions: 0 }),
        'learnedPositions: `positions` must be an integer of at least 1. Received: 0.',
      ],
      [
        'more tokens than positions',
        () => learnedPositions({ positions }).apply(tf.zeros([1, 7, 5])),
        `learnedPositions: the input must have at most ${positions} tokens (\`positions\`). Received: [1,7,5].`,
      ],
      [
        'features in place of tokens',
        () => learnedPositions({ positions }).apply(tf.zeros([3, 5])),
        'learnedPositions takes 1 input(s) of rank 3 or 2 input(s) of rank 3, 1. Received: [[3,5]].',
      ],
    ],
  });
}

runLayerTest({
  name: 'learnedPositions of packed texts',
  make: () => learnedPositions({ positions: 4 }),
  inputs: [
    { shape: [1, 6, 5], ownRows: true },
    { shape: [6], values: [0, 1, 2, 3, 2, 3], differentiable: false, ownRows: true },
  ],
  outputs: [[1, 6, 5]],
  trainable: ['positions'],
  expected: ([x], weights) => {
    const added = weights.positions.arraySync() as number[][];
    const [tokens] = x.arraySync() as number[][][];
    const places = [0, 1, 2, 3, 2, 3];
    return [tf.tensor3d([tokens.map((token, i) => token.map((value, j) => value + added[places[i]][j]))])];
  },
});
