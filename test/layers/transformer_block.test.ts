import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { transformerBlock, type TransformerBlockArgs } from '../../layers/index.js';
import { expectClose } from '../helpers/close.js';
import { randomiseWeights } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { blockRows, type Row } from '../helpers/reference.js';

const ARGS = { heads: 2, mlpWidth: 5 };
const [ROWS, LENGTH, WIDTH] = [3, 4, 6];
/** Where the given queries stand; the last is the last token, the first the first. */
const POSITIONS = [0, 2, 3];
const NAMES = [
  ...['norm_1/gamma', 'norm_1/beta', 'attention/qkv/kernel', 'attention/qkv/bias'],
  ...['attention/out/kernel', 'attention/out/bias', 'norm_2/gamma', 'norm_2/beta'],
  ...['mlp/up/kernel', 'mlp/up/bias', 'mlp/down/kernel', 'mlp/down/bias'],
];

const variants: Omit<TransformerBlockArgs, 'heads' | 'mlpWidth'>[] = [
  { query: 'all' },
  { query: 'all', causal: true, activation: 'gelu', epsilon: 0.1 },
  { query: 'first', activation: 'geluTanh' },
  { query: 'first', causal: true },
  { query: 'given', activation: 'gelu' },
  { query: 'given', causal: true },
];

for (const variant of variants) {
  const { query, causal = false, activation = 'quickGelu', epsilon = 1e-5 } = variant;
  const x = { shape: [ROWS, LENGTH, WIDTH] };
  const positions = { shape: [ROWS], values: POSITIONS, differentiable: false };
  runLayerTest({
    name: `transformerBlock ${JSON.stringify(variant)}`,
    make: () => transformerBlock({ ...ARGS, ...variant }),
    inputs: query === 'given' ? [x, positions] : [x],
    outputs: [query === 'all' ? x.shape : [ROWS, WIDTH]],
    trainable: NAMES,
    expected: ([tokens], weights) => {
      const samples = tokens.arraySync() as Row[][];
      const settings = { heads: ARGS.heads, epsilon, causal, activation };
      const all = samples.map((sample) => blockRows(sample, weights, settings));
      const asked = { all, first: all.map((rows) => rows[0]), given: all.map((rows, i) => rows[POSITIONS[i]]) };
      return [tf.tensor(asked[query as keyof typeof asked])];
    },
  });
}

describe('transformerBlock with one query a row', () => {
  test.each([
    ['first', false],
    ['first', true],
    ['given', false],
    ['given', true],
  ] as const)('%s, causal %s: gives the token that the block with all gives', (query, causal) => {
    const x = tf.randomNormal([ROWS, LENGTH, WIDTH], 0, 1, 'float32', 3);
    const whole = transformerBlock({ ...ARGS, causal });
    const all = whole.apply(x) as tf.Tensor;
    randomiseWeights(whole);
    const one = transformerBlock({ ...ARGS, causal, query });
    const inputs = query === 'given' ? [x, tf.tensor1d(POSITIONS)] : x;
    one.apply(inputs);
    randomiseWeights(one);
    const places = query === 'given' ? POSITIONS : POSITIONS.map(() => 0);
    const picked = places.map((place, row) => tf.slice(whole.apply(x) as tf.Tensor, [row, place, 0], [1, 1, WIDTH]));
    expectClose(one.apply(inputs) as tf.Tensor, tf.reshape(tf.concat(picked), [ROWS, WIDTH]), 1e-6);
    expect(all.shape).toEqual([ROWS, LENGTH, WIDTH]);
  });

  test('causal: what stands behind the query changes nothing, what stands before does', () => {
    const block = transformerBlock({ ...ARGS, causal: true, query: 'given' });
    const x = tf.randomNormal([1, LENGTH, WIDTH], 0, 1, 'float32', 3);
    const change = tf.randomNormal([1, 1, WIDTH], 0, 1, 'float32', 4);
    const at = (position: number) => Array.from({ length: LENGTH }, (_, i) => (i === position ? 1 : 0));
    const changed = (position: number) => tf.add(x, tf.mul(change, tf.tensor3d(at(position), [1, LENGTH, 1])));
    const answer = (tokens: tf.Tensor) => block.apply([tokens, tf.tensor1d([1])]) as tf.Tensor;
    const reference = answer(x);
    randomiseWeights(block);
    const random = answer(x);
    expect(random.shape).toEqual(reference.shape);
    expectClose(answer(changed(2)), random, 0);
    expectClose(answer(changed(3)), random, 0);
    const moved = tf.max(tf.abs(tf.sub(answer(changed(0)), random))).dataSync()[0];
    expect(moved).toBeGreaterThan(1e-3);
  });
});

runLayerTest({
  name: 'transformerBlock by default sees all, with QuickGELU',
  make: () => transformerBlock(ARGS),
  inputs: [{ shape: [2, 2, 4] }],
  outputs: [[2, 2, 4]],
  trainable: NAMES,
  expected: ([tokens], weights) => {
    const settings = { heads: 2, epsilon: 1e-5, causal: false, activation: 'quickGelu' } as const;
    return [tf.tensor((tokens.arraySync() as Row[][]).map((sample) => blockRows(sample, weights, settings)))];
  },
  refusals: [
    [
      'heads of 0',
      () => transformerBlock({ ...ARGS, heads: 0 }),
      'transformerBlock: `heads` must be an integer of at least 1. Received: 0.',
    ],
    [
      'heads that do not divide the width',
      () => transformerBlock({ ...ARGS, heads: 4 }).apply(tf.zeros([1, 2, 6])),
      "transformerBlock: `heads` must divide the input's width. Received: heads=4, width=6.",
    ],
    [
      'half an MLP',
      () => transformerBlock({ ...ARGS, mlpWidth: 2.5 }),
      'transformerBlock: `mlpWidth` must be an integer of at least 1. Received: 2.5.',
    ],
    [
      'another activation',
      () => transformerBlock({ ...ARGS, activation: 'relu' as 'gelu' }),
      'transformerBlock: `activation` must be one of quickGelu, gelu, geluTanh. Received: "relu".',
    ],
    [
      'another query',
      () => transformerBlock({ ...ARGS, query: 'last' as 'all' }),
      'transformerBlock: `query` must be one of all, first, given. Received: "last".',
    ],
    [
      'an epsilon that is no number',
      () => transformerBlock({ ...ARGS, epsilon: NaN }),
      'transformerBlock: `epsilon` must be a positive number. Received: NaN.',
    ],
    [
      'a given query without positions',
      () => transformerBlock({ ...ARGS, query: 'given' }).apply(tf.zeros([1, 2, 4])),
      'transformerBlock takes 2 input(s) of rank 3, 1 or 4 input(s) of rank 3, 2, 1, 1. Received: [[1,2,4]].',
    ],
    [
      'features in place of tokens',
      () => transformerBlock(ARGS).apply(tf.zeros([2, 4])),
      'transformerBlock takes 1 input(s) of rank 3 or 3 input(s) of rank 3, 2, 1. Received: [[2,4]].',
    ],
  ],
});
