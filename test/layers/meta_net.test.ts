import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { metaNet } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { moments } from '../helpers/moments.js';
import { denseRow, type Row } from '../helpers/reference.js';

const unit = (row: Row): Row => row.map((value) => value / Math.hypot(...row));

runLayerTest({
  name: 'metaNet',
  make: () => metaNet({ units: 5, hiddenUnits: 3, seed: 4 }),
  inputs: [{ shape: [4, 6] }],
  outputs: [[4, 5]],
  trainable: ['hidden/kernel', 'hidden/bias', 'out/kernel', 'out/bias'],
  expected: ([features], weights) => {
    const map = (row: Row, name: string) =>
      denseRow(row, weights[`${name}/kernel`].arraySync() as Row[], weights[`${name}/bias`].arraySync() as Row);
    const rows = (features.arraySync() as Row[]).map((row) =>
      map(
        map(unit(row), 'hidden').map((value) => Math.max(0, value)),
        'out',
      ),
    );
    return [tf.tensor2d(rows)];
  },
  refusals: [
    [
      'units of 0',
      () => metaNet({ units: 0, hiddenUnits: 3 }),
      'metaNet: `units` must be an integer of at least 1. Received: 0.',
    ],
    [
      'half a hidden unit',
      () => metaNet({ units: 5, hiddenUnits: 0.5 }),
      'metaNet: `hiddenUnits` must be an integer of at least 1. Received: 0.5.',
    ],
    [
      'tokens in place of features',
      () => metaNet({ units: 5, hiddenUnits: 3 }).apply(tf.zeros([2, 3, 6])),
      'metaNet takes 1 input(s) of rank 2. Received: [[2,3,6]].',
    ],
  ],
});

describe('the weights of metaNet', () => {
  const weights = (seed?: number) => {
    const layer = metaNet({ units: 96, hiddenUnits: 64, seed });
    layer.build([null, 256]);
    return layer.getWeights();
  };

  test("start uniform within PyTorch's bounds of a linear map, 1 / sqrt(inputs)", () => {
    weights(3).forEach((weight, i) => {
      const bound = 1 / Math.sqrt(i < 2 ? 256 : 64);
      const { mean, deviation, largest } = moments(weight);
      expect(largest).toBeLessThanOrEqual(bound);
      expect(largest).toBeGreaterThan(0.9 * bound);
      expect(Math.abs(mean)).toBeLessThan(0.2 * bound);
      expect(Math.abs(deviation - bound / Math.sqrt(3))).toBeLessThan(0.15 * bound);
    });
  });

  test('repeat by seed, and the four differ', () => {
    const [first, again, other] = [weights(3), weights(3), weights(4)].map((list) =>
      list.map((weight) => Array.from(weight.dataSync())),
    );
    expect(again).toEqual(first);
    first.forEach((values, i) => expect(other[i]).not.toEqual(values));
    expect(new Set(first.map(([value]) => value)).size).toBe(4);
  });

  test('the length of the features does not matter, only their direction', () => {
    const layer = metaNet({ units: 4, hiddenUnits: 3 });
    const features = tf.tensor2d([[1, -2, 3]]);
    const shift = (x: tf.Tensor) => Array.from((layer.apply(x) as tf.Tensor).dataSync());
    const [one, other] = [shift(features), shift(tf.mul(features, 10))];
    one.forEach((value, i) => expect(other[i]).toBeCloseTo(value, 5));
  });
});
