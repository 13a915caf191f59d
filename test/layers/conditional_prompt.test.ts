import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { conditionalPrompt } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { moments } from '../helpers/moments.js';

type Rows = number[][];
const ENDS = [3, 4];

/** By image and then by class: the class's text with the shifted prompt over it, in plain arrays. */
function prompted(texts: tf.Tensor, shifts: tf.Tensor, prompt: tf.Tensor, start: number): tf.Tensor {
  const vectors = prompt.arraySync() as Rows;
  const rows = (shifts.arraySync() as Rows).flatMap((shift) =>
    (texts.arraySync() as Rows[]).map((text) =>
      text.map((token, i) => vectors[i - start]?.map((value, j) => value + shift[j]) ?? token),
    ),
  );
  return tf.tensor3d(rows);
}

runLayerTest({
  name: 'conditionalPrompt behind the start token',
  make: () => conditionalPrompt({ length: 2 }),
  inputs: [
    { shape: [2, 5, 4], ownRows: true },
    { shape: [2], values: ENDS, differentiable: false, ownRows: true },
    { shape: [3, 4] },
  ],
  outputs: [[6, 5, 4], [6]],
  rowsPerSample: 2,
  trainable: ['prompt'],
  expected: ([texts, , shifts], { prompt }) => [
    prompted(texts, shifts, prompt, 1),
    tf.tensor1d([...ENDS, ...ENDS, ...ENDS]),
  ],
  refusals: [
    [
      'a length of 0',
      () => conditionalPrompt({ length: 0 }),
      'conditionalPrompt: `length` must be an integer of at least 1. Received: 0.',
    ],
    [
      'a negative start',
      () => conditionalPrompt({ length: 2, start: -1 }),
      'conditionalPrompt: `start` must be an integer of at least 0. Received: -1.',
    ],
    [
      'a deviation of 0',
      () => conditionalPrompt({ length: 2, deviation: 0 }),
      'conditionalPrompt: `deviation` must be a positive number. Received: 0.',
    ],
    [
      'texts alone',
      () => conditionalPrompt({ length: 2 }).apply(tf.zeros([2, 5, 4])),
      'conditionalPrompt takes 3 input(s) of rank 3, 1, 2. Received: [[2,5,4]].',
    ],
    [
      'shifts of another width',
      () => conditionalPrompt({ length: 2 }).apply([tf.zeros([2, 5, 4]), tf.tensor1d(ENDS), tf.zeros([3, 6])]),
      'conditionalPrompt: texts and shifts must have the same width. Received: [[2,5,4],[3,6]]. ' +
        "The meta-net's `units` must be the text tower's width.",
    ],
    [
      'texts too short for the prompt',
      () => conditionalPrompt({ length: 3 }).apply([tf.zeros([2, 3, 4]), tf.tensor1d(ENDS), tf.zeros([3, 4])]),
      'conditionalPrompt: 3 prompt vectors from position 1 on need at least 4 tokens. Received: [2,3,4]. ' +
        'Use a smaller `length`.',
    ],
  ],
});

runLayerTest({
  name: 'conditionalPrompt over all tokens of one class',
  make: () => conditionalPrompt({ length: 3, start: 0, deviation: 0.5, seed: 3 }),
  inputs: [
    { shape: [1, 3, 4], ownRows: true, differentiable: false },
    { shape: [1], values: [2], differentiable: false, ownRows: true },
    { shape: [2, 4] },
  ],
  outputs: [[2, 3, 4], [2]],
  trainable: ['prompt'],
  expected: ([texts, , shifts], { prompt }) => [prompted(texts, shifts, prompt, 0), tf.tensor1d([2, 2])],
});

describe('the prompt of conditionalPrompt', () => {
  test('starts from N(0, 0.02), the same for the same seed', () => {
    const values = (seed: number) => {
      const layer = conditionalPrompt({ length: 8, seed });
      layer.build([[null, 20, 128], [null], [null, 128]]);
      return layer.getWeights()[0];
    };
    const { mean, deviation } = moments(values(5));
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.002);
    expect(values(5).dataSync()).toEqual(values(5).dataSync());
    expect(values(6).dataSync()).not.toEqual(values(5).dataSync());
  });
});
