import * as tf from '@tensorflow/tfjs-core';
import { packedClassTokens } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const args = { classes: 2, shared: 3, tokens: 8, longest: 3, units: 4 };

runLayerTest({
  name: 'packedClassTokens on images that it ignores',
  make: () => packedClassTokens(args),
  inputs: [{ shape: [3, 2, 2, 3], differentiable: false }],
  outputs: [[1, 8, 4], [8], [2, 3], [5], [2]],
  frozen: ['embeddings', 'positions', 'places', 'real', 'ends'],
  expected: (_, { embeddings, positions, places, real, ends }) => [
    tf.expandDims(embeddings, 0),
    ...[positions, places, real, ends].map((weight) => tf.clone(weight)),
  ],
  refusals: [
    ...(['classes', 'shared', 'tokens', 'longest', 'units'] as const).map((field): [string, () => unknown, string] => [
      `${field} of 0`,
      () => packedClassTokens({ ...args, [field]: 0 }),
      `packedClassTokens: \`${field}\` must be an integer of at least 1. Received: 0.`,
    ]),
    ...[4, 10].map((tokens): [string, () => unknown, string] => [
      `${tokens} tokens`,
      () => packedClassTokens({ ...args, tokens }),
      'packedClassTokens: 2 classes have 2 to 6 tokens of their own (`tokens` less `shared`). ' +
        `Received: ${tokens - 3}.`,
    ]),
  ],
});
