import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { activate, ACTIVATIONS, gelu, geluTanh, quickGelu } from '../../layers/activations.js';
import { expectClose, largestDifference } from '../helpers/close.js';
import { onBackend } from '../helpers/on_backend.js';
import { activations, erf } from '../helpers/reference.js';

const POINTS = [-8, -3, -1, -0.3, 0, 0.2, 1, 2.5, 8];

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  onBackend(backend);

  test('runs on it', () => expect(tf.getBackend()).toBe(backend));

  describe.each(ACTIVATIONS)('%s', (name) => {
    const op = { quickGelu, gelu, geluTanh }[name];
    const expected = activations[name];

    test('has the values of its formula, by name too', () => {
      const values = tf.tensor1d(POINTS.map(expected));
      expectClose(op(tf.tensor1d(POINTS)), values, 2e-6);
      expectClose(activate(tf.tensor1d(POINTS), name), values, 2e-6);
    });

    test('has the gradient of its formula', () => {
      const slopes = POINTS.map((x) => (expected(x + 1e-4) - expected(x - 1e-4)) / 2e-4);
      const gradient = tf.grad(op)(tf.tensor1d(POINTS), tf.tensor1d(POINTS.map((_, i) => i + 1)));
      expectClose(gradient, tf.tensor1d(slopes.map((slope, i) => slope * (i + 1))), 2e-5);
    });
  });

  test('geluTanh has the values and slopes that PyTorch gives', () => {
    // torch 2.13, float64: torch.nn.functional.gelu(x, approximate='tanh') at POINTS, and its gradient.
    const values = [0, -0.0036373921, -0.1588080094, -0.1146290765, 0, 0.1158514298, 0.8411919906, 2.4849157339, 8];
    const slopes = [0, -0.0115841666, -0.0829640838, 0.2677045484, 0.5, 0.6574581492, 1.0829640838, 1.0379515762, 1];
    expectClose(geluTanh(tf.tensor1d(POINTS)), tf.tensor1d(values), 1e-6);
    expectClose(tf.grad(geluTanh)(tf.tensor1d(POINTS)), tf.tensor1d(slopes), 1e-6);
  });
});

test('the reference knows the error function', () => {
  // Abramowitz and Stegun, table 7.1.
  expect([0.5, 1, 2, -1].map(erf).map((value) => value.toFixed(7))).toEqual([
    '0.5204999',
    '0.8427008',
    '0.9953223',
    '-0.8427008',
  ]);
  expect(largestDifference(tf.tensor1d([erf(6)]), tf.tensor1d([1]))).toBeLessThan(1e-6);
});
