import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { promptCoupler } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { moments } from '../helpers/moments.js';
import { denseRow, type Row } from '../helpers/reference.js';

runLayerTest({
  name: 'promptCoupler',
  make: () => promptCoupler({ units: 5 }),
  inputs: [{ shape: [2, 3], ownRows: true }],
  outputs: [[2, 5]],
  trainable: ['kernel', 'bias'],
  expected: ([prompt], { kernel, bias }) => [
    tf.tensor2d(
      (prompt.arraySync() as Row[]).map((row) => denseRow(row, kernel.arraySync() as Row[], bias.arraySync() as Row)),
    ),
  ],
  refusals: [
    [
      'no units',
      () => promptCoupler({ units: 0 }),
      'promptCoupler: `units` must be an integer of at least 1. Received: 0.',
    ],
    [
      'tokens in place of a prompt',
      () => promptCoupler({ units: 4 }).apply(tf.zeros([2, 3, 4])),
      'promptCoupler takes 1 input(s) of rank 2. Received: [[2,3,4]].',
    ],
  ],
});

describe('the initial values of promptCoupler', () => {
  const values = (seed?: number) => {
    const layer = promptCoupler({ units: 64, seed });
    layer.build([2, 100]);
    return layer.getWeights();
  };

  test("are PyTorch's: uniform within 1 / sqrt(inputs)", () => {
    for (const weight of values(3)) {
      const { mean, largest } = moments(weight);
      expect(largest).toBeLessThanOrEqual(0.1);
      expect(largest).toBeGreaterThan(0.09);
      expect(Math.abs(mean)).toBeLessThan(0.02);
    }
  });

  test('repeat by seed, and kernel and bias are not one stream', () => {
    const read = (seed: number) => values(seed).map((weight) => weight.dataSync());
    const [kernel, bias] = read(3);
    expect(read(3)).toEqual([kernel, bias]);
    expect(read(4)).not.toEqual([kernel, bias]);
    expect(bias).not.toEqual(kernel.slice(0, bias.length));
  });
});
