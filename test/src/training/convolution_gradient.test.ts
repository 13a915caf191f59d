import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
// Registers the operations' gradients.
import '@tensorflow/tfjs-layers';
import { chooseBackend } from '../../../src/node/backend.js';
import { registerConvolutionGradient } from '../../../src/training/convolution_gradient.js';
import { expectClose } from '../../helpers/close.js';

type Pad = Parameters<typeof tf.conv2d>[3];

describe('the gradient of a convolution on WASM', () => {
  beforeAll(() => chooseBackend('wasm'));

  test.each<[strides: number | [number, number], pad: Pad, size: [number, number]]>([
    [1, 'same', [3, 3]],
    [2, 'same', [3, 2]],
    [[2, 3], 'valid', [2, 3]],
    [2, 1, [3, 3]],
  ])('strides %j, pad %j, filter %j: as finite differences', (strides, pad, size) => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 7, 8, 3], 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>([...size, 3, 4], 0, 1, 'float32', 2);
    const convolved = (by: tf.Tensor4D) => tf.conv2d(x, by, strides, pad);
    const dy = tf.randomNormal(convolved(filter).shape, 0, 1, 'float32', 3);
    const sum = (by: tf.Tensor4D) => tf.sum(tf.mul(convolved(by), dy)) as tf.Scalar;
    const held = tf.memory().numTensors;
    const gradient = tf.grad((by) => sum(by as tf.Tensor4D))(filter);
    expect(tf.memory().numTensors).toBe(held + 1);
    // The sum is linear in the filter: what a unit filter makes of it is its derivative.
    const units = tf.reshape(tf.eye(filter.size), [filter.size, ...filter.shape]);
    const expected = tf.stack(tf.unstack(units).map((unit) => sum(unit as tf.Tensor4D)));
    expectClose(gradient, tf.reshape(expected, filter.shape), 1e-4);
  });

  test('a backend that has one keeps it', () => {
    const before = tf.getKernel('Conv2DBackpropFilter', 'wasm');
    registerConvolutionGradient();
    expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBe(before);
  });
});
