import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { deepTextPrompt } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { moments } from '../helpers/moments.js';

type Tokens = number[][][];

/** Writes the prompt, or each row's own, over the positions from `start` on, in plain arrays. */
function written(x: tf.Tensor, prompt: tf.Tensor, start: number): tf.Tensor {
  const length = prompt.shape[prompt.rank - 2] as number;
  return writtenAt(
    x,
    prompt,
    (x.arraySync() as Tokens).map(() => Array.from({ length }, (_, i) => start + i)),
  );
}

/** Writes the prompt over the positions given for each row. */
function writtenAt(x: tf.Tensor, prompt: tf.Tensor, positions: number[][]): tf.Tensor {
  const vectors = prompt.arraySync() as number[][] | Tokens;
  const rows = (x.arraySync() as Tokens).map((row, n) => {
    const own = (prompt.rank === 3 ? vectors[n] : vectors) as number[][];
    return row.map((token, i) => own[positions[n].indexOf(i)] ?? token);
  });
  return tf.tensor3d(rows);
}

/** Positions of two vectors in each of three rows, out of order in the last. */
const POSITIONS = [
  [1, 2],
  [2, 4],
  [3, 0],
];

runLayerTest({
  name: 'deepTextPrompt behind the start token',
  make: () => deepTextPrompt({ length: 2 }),
  inputs: [{ shape: [3, 5, 4] }],
  outputs: [[3, 5, 4]],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [written(x, prompt, 1)],
  refusals: [
    [
      'a length of 0',
      () => deepTextPrompt({ length: 0 }),
      'deepTextPrompt: `length` must be an integer of at least 1. Received: 0.',
    ],
    [
      'a negative start',
      () => deepTextPrompt({ length: 2, start: -1 }),
      'deepTextPrompt: `start` must be an integer of at least 0. Received: -1.',
    ],
    [
      'a deviation of 0',
      () => deepTextPrompt({ length: 2, deviation: 0 }),
      'deepTextPrompt: `deviation` must be a positive number. Received: 0.',
    ],
    [
      'rows too short for the prompt',
      () => deepTextPrompt({ length: 3 }).apply(tf.zeros([2, 3, 4])),
      'deepTextPrompt: 3 prompt vectors from position 1 on need at least 4 tokens. Received: [2,3,4]. ' +
        'Use a smaller `length`.',
    ],
    [
      'features in place of tokens',
      () => deepTextPrompt({ length: 1 }).apply(tf.zeros([2, 3])),
      'deepTextPrompt takes 1 input(s) of rank 3 or 2 input(s) of rank 3, 2. Received: [[2,3]].',
    ],
    [
      'rows of 0',
      () => deepTextPrompt({ length: 2, rows: 0 }),
      'deepTextPrompt: `rows` must be an integer of at least 1. Received: 0.',
    ],
    [
      'another number of rows than have prompts',
      () => deepTextPrompt({ length: 2, rows: 3 }).apply(tf.zeros([2, 5, 4])),
      'deepTextPrompt: 3 rows with prompts of their own need as many rows. Received: [2,5,4].',
    ],
    [
      'a given prompt for rows of their own',
      () => deepTextPrompt({ length: 2, given: true, rows: 3 }),
      'deepTextPrompt: a `given` prompt goes with neither `rows` nor `returnPrompt`.',
    ],
    [
      'a given prompt that is not there',
      () => deepTextPrompt({ length: 2, given: true }).apply(tf.zeros([3, 5, 4])),
      'deepTextPrompt takes 2 input(s) of rank 3, 2 or 2 input(s) of rank 3, 3 or 3 input(s) of rank 3, 2, 2 or ' +
        '3 input(s) of rank 3, 3, 2. Received: [[3,5,4]].',
    ],
    [
      'a given prompt of another width',
      () => deepTextPrompt({ length: 2, given: true }).apply([tf.zeros([3, 5, 4]), tf.zeros([2, 3])]),
      'deepTextPrompt: the given prompt must have shape [2, 4], or that a row. Received: [2,3].',
    ],
    [
      'positions of another length',
      () => deepTextPrompt({ length: 2 }).apply([tf.zeros([3, 5, 4]), tf.zeros([3, 3])]),
      'deepTextPrompt: the positions must have shape [rows, 2]. Received: [3,3].',
    ],
  ],
});

runLayerTest({
  name: 'deepTextPrompt from the very first position, with its prompt as second output',
  make: () => deepTextPrompt({ length: 2, start: 0, returnPrompt: true, deviation: 0.5, seed: 3 }),
  inputs: [{ shape: [3, 3, 4] }],
  outputs: [
    [3, 3, 4],
    [2, 4],
  ],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [written(x, prompt, 0), tf.clone(prompt)],
});

runLayerTest({
  name: 'deepTextPrompt over everything behind the start token',
  make: () => deepTextPrompt({ length: 3, returnPrompt: true }),
  inputs: [{ shape: [2, 4, 3] }],
  outputs: [
    [2, 4, 3],
    [3, 3],
  ],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [written(x, prompt, 1), tf.clone(prompt)],
});

runLayerTest({
  name: 'deepTextPrompt of each row its own',
  make: () => deepTextPrompt({ length: 2, rows: 3, returnPrompt: true }),
  inputs: [{ shape: [3, 5, 4], ownRows: true }],
  outputs: [
    [3, 5, 4],
    [3, 2, 4],
  ],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [written(x, prompt, 1), tf.clone(prompt)],
});

runLayerTest({
  name: 'deepTextPrompt at positions that differ from row to row',
  make: () => deepTextPrompt({ length: 2 }),
  inputs: [{ shape: [3, 5, 4] }, { shape: [3, 2], values: POSITIONS.flat(), differentiable: false }],
  outputs: [[3, 5, 4]],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [writtenAt(x, prompt, POSITIONS)],
});

runLayerTest({
  name: 'deepTextPrompt of each row its own at its own positions',
  make: () => deepTextPrompt({ length: 2, rows: 3 }),
  inputs: [
    { shape: [3, 5, 4], ownRows: true },
    { shape: [3, 2], values: POSITIONS.flat(), differentiable: false, ownRows: true },
  ],
  outputs: [[3, 5, 4]],
  trainable: ['prompt'],
  expected: ([x], { prompt }) => [writtenAt(x, prompt, POSITIONS)],
});

runLayerTest({
  name: 'deepTextPrompt that is given its prompt',
  make: () => deepTextPrompt({ length: 2, given: true }),
  inputs: [{ shape: [3, 5, 4] }, { shape: [2, 4], ownRows: true }],
  outputs: [[3, 5, 4]],
  expected: ([x, prompt]) => [written(x, prompt, 1)],
});

runLayerTest({
  name: 'deepTextPrompt that is given a prompt a row, and its positions',
  make: () => deepTextPrompt({ length: 2, given: true }),
  inputs: [
    { shape: [3, 5, 4] },
    { shape: [3, 2, 4] },
    { shape: [3, 2], values: POSITIONS.flat(), differentiable: false },
  ],
  outputs: [[3, 5, 4]],
  expected: ([x, prompt]) => [writtenAt(x, prompt, POSITIONS)],
});

describe('the prompt of deepTextPrompt', () => {
  const values = (seed?: number, deviation?: number) => {
    const layer = deepTextPrompt({ length: 8, seed, deviation });
    layer.build([null, 20, 128]);
    return layer.getWeights()[0];
  };

  test('starts from N(0, 0.02), the same for the same seed', () => {
    const { mean, deviation } = moments(values(5));
    expect(mean).toBeCloseTo(0, 2);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.002);
    expect(values(5).dataSync()).toEqual(values(5).dataSync());
    expect(values(6).dataSync()).not.toEqual(values(5).dataSync());
  });

  test('starts from the deviation it is given', () => {
    expect(Math.abs(moments(values(5, 1)).deviation - 1)).toBeLessThan(0.1);
  });

  test('stays alive when its outputs are disposed', () => {
    const layer = deepTextPrompt({ length: 2, returnPrompt: true });
    tf.dispose(layer.apply(tf.zeros([1, 4, 3])) as tf.Tensor[]);
    expect(layer.getWeights()[0].shape).toEqual([2, 3]);
    expect(layer.getWeights()[0].isDisposed).toBe(false);
  });
});
