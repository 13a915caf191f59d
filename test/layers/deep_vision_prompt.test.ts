import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { deepVisionPrompt } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { moments } from '../helpers/moments.js';

/** Every row with the prompt behind its first `kept` tokens, in plain arrays. */
function behind(x: tf.Tensor, prompt: tf.Tensor, kept: number): tf.Tensor {
  const vectors = prompt.arraySync() as number[][];
  return tf.tensor3d((x.arraySync() as number[][][]).map((row) => [...row.slice(0, kept), ...vectors]));
}

const tokens = { shape: [3, 5, 4] };
const prompt = { shape: [2, 4], ownRows: true };

runLayerTest({
  name: 'deepVisionPrompt appends its own',
  make: () => deepVisionPrompt({ length: 2, mode: 'append' }),
  inputs: [tokens],
  outputs: [[3, 7, 4]],
  trainable: ['prompt'],
  expected: ([x], weights) => [behind(x, weights.prompt, 5)],
  refusals: [
    [
      'half a length',
      () => deepVisionPrompt({ length: 1.5, mode: 'append' }),
      'deepVisionPrompt: `length` must be an integer of at least 1. Received: 1.5.',
    ],
    [
      'another mode',
      () => deepVisionPrompt({ length: 1, mode: 'prepend' as 'append' }),
      'deepVisionPrompt: `mode` must be one of append, replace. Received: "prepend".',
    ],
    [
      'a negative deviation',
      () => deepVisionPrompt({ length: 1, mode: 'append', deviation: -1 }),
      'deepVisionPrompt: `deviation` must be a positive number. Received: -1.',
    ],
    [
      'features in place of tokens',
      () => deepVisionPrompt({ length: 1, mode: 'append' }).apply(tf.zeros([2, 3])),
      'deepVisionPrompt takes 1 input(s) of rank 3 or 2 input(s) of rank 3, 2. Received: [[2,3]].',
    ],
  ],
});

runLayerTest({
  name: 'deepVisionPrompt replaces with its own',
  make: () => deepVisionPrompt({ length: 2, mode: 'replace', seed: 4, deviation: 0.1 }),
  inputs: [tokens],
  outputs: [[3, 5, 4]],
  trainable: ['prompt'],
  expected: ([x], weights) => [behind(x, weights.prompt, 3)],
  refusals: [
    [
      'rows shorter than the prompt',
      () => deepVisionPrompt({ length: 4, mode: 'replace' }).apply(tf.zeros([2, 3, 4])),
      'deepVisionPrompt: replacing 4 tokens needs at least as many. Received: [2,3,4].',
    ],
  ],
});

runLayerTest({
  name: 'deepVisionPrompt appends a given one',
  make: () => deepVisionPrompt({ length: 2, mode: 'append' }),
  inputs: [tokens, prompt],
  outputs: [[3, 7, 4]],
  expected: ([x, given]) => [behind(x, given, 5)],
});

runLayerTest({
  name: 'deepVisionPrompt replaces with a given one',
  make: () => deepVisionPrompt({ length: 2, mode: 'replace' }),
  inputs: [tokens, prompt],
  outputs: [[3, 5, 4]],
  expected: ([x, given]) => [behind(x, given, 3)],
  refusals: [
    [
      'a prompt of another width',
      () => deepVisionPrompt({ length: 2, mode: 'replace' }).apply([tf.zeros([3, 5, 4]), tf.zeros([2, 3])]),
      'deepVisionPrompt: the given prompt must have shape [2, 4]. Received: [2,3]. ' +
        "Its coupler's `units` must be the image tower's width.",
    ],
    [
      'a prompt of another length',
      () => deepVisionPrompt({ length: 2, mode: 'append' }).apply([tf.zeros([3, 5, 4]), tf.zeros([1, 4])]),
      'deepVisionPrompt: the given prompt must have shape [2, 4]. Received: [1,4]. ' +
        "Its coupler's `units` must be the image tower's width.",
    ],
  ],
});

describe('the own prompt of deepVisionPrompt', () => {
  test('starts from N(0, 0.02), the same for the same seed', () => {
    const values = (seed: number) => {
      const layer = deepVisionPrompt({ length: 8, mode: 'append', seed });
      layer.build([null, 20, 128]);
      return layer.getWeights()[0];
    };
    const { mean, deviation } = moments(values(5));
    expect(mean).toBeCloseTo(0, 2);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.002);
    expect(values(5).dataSync()).toEqual(values(5).dataSync());
    expect(values(6).dataSync()).not.toEqual(values(5).dataSync());
  });
});
