import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { cacheLogits } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const unit = (row: number[]): number[] => row.map((value) => value / Math.hypot(...row));
const dot = (one: number[], other: number[]): number => one.reduce((sum, value, i) => sum + value * other[i], 0);

/** The same key by key; labels of random weights are cut to integers, and those below 0 are of no class. */
function byKey(features: tf.Tensor, weights: Record<string, tf.Tensor>, alpha: number, beta: number): tf.Tensor {
  const keys = weights.keys.arraySync() as number[][];
  const labels = (weights.labels.arraySync() as number[]).map(Math.trunc);
  const logits = (features.arraySync() as number[][]).map((feature) => {
    const sums = [0, 0, 0];
    keys.forEach((key, i) => {
      sums[labels[i]] += alpha * Math.exp(-beta * (1 - dot(unit(feature), key)));
    });
    return sums;
  });
  return tf.tensor2d(logits);
}

runLayerTest({
  name: 'cacheLogits',
  make: () => cacheLogits({ keys: 5, classes: 3, alpha: 2, beta: 0.5 }),
  inputs: [{ shape: [4, 6] }],
  outputs: [[4, 3]],
  trainable: ['keys'],
  frozen: ['labels'],
  expected: ([features], weights) => [byKey(features, weights, 2, 0.5)],
  refusals: [
    [
      'no key',
      () => cacheLogits({ keys: 0, classes: 3 }),
      'cacheLogits: `keys` must be an integer of at least 1. Received: 0.',
    ],
    [
      'half a class',
      () => cacheLogits({ keys: 5, classes: 1.5 }),
      'cacheLogits: `classes` must be an integer of at least 1. Received: 1.5.',
    ],
    [
      'a weight of 0',
      () => cacheLogits({ keys: 5, classes: 3, alpha: 0 }),
      'cacheLogits: `alpha` must be a positive number. Received: 0.',
    ],
    [
      'a beta below 0',
      () => cacheLogits({ keys: 5, classes: 3, beta: -1 }),
      'cacheLogits: `beta` must be a positive number. Received: -1.',
    ],
    [
      'two inputs',
      () => cacheLogits({ keys: 5, classes: 3 }).apply([tf.zeros([4, 6]), tf.zeros([4, 6])]),
      'cacheLogits takes 1 input(s) of rank 2. Received: [[4,6],[4,6]].',
    ],
  ],
});

describe('cacheLogits', () => {
  test('a picture that is a key itself gives its class alpha, whatever its length', () => {
    const layer = cacheLogits({ keys: 2, classes: 3, alpha: 4, beta: 10 });
    const feature = tf.tensor2d([[0, 30]]);
    layer.apply(feature);
    layer.setWeights([
      tf.tensor2d([
        [1, 0],
        [0, 1],
      ]),
      tf.tensor1d([0, 2]),
    ]);
    const [[first, second, third]] = (layer.apply(feature) as tf.Tensor2D).arraySync();
    expect(first).toBeCloseTo(4 * Math.exp(-10), 6);
    expect(second).toBe(0);
    expect(third).toBeCloseTo(4, 6);
  });

  test('starts from the first guess of the paper', () => {
    const { alpha, beta } = cacheLogits({ keys: 2, classes: 3 }).getConfig();
    expect([alpha, beta]).toEqual([1, 5.5]);
  });

  test('knows one class alone', () => {
    const layer = cacheLogits({ keys: 2, classes: 1, beta: 1 });
    const feature = tf.tensor2d([[1, 0]]);
    layer.apply(feature);
    layer.setWeights([
      tf.tensor2d([
        [1, 0],
        [1, 0],
      ]),
      tf.tensor1d([0, 0]),
    ]);
    expect((layer.apply(feature) as tf.Tensor2D).arraySync()).toEqual([[2]]);
  });
});
