import { expect } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';

/** The largest difference between two tensors of one shape. */
export function largestDifference(found: tf.Tensor, expected: tf.Tensor): number {
  expect(found.shape).toEqual(expected.shape);
  const [one, other] = [found.dataSync(), expected.dataSync()];
  let largest = 0;
  for (let index = 0; index < other.length; index++) {
    const difference = Math.abs(one[index] - other[index]);
    // NaN is no distance: let it be the largest.
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}

/** Largest absolute entry. */
export function largestEntry(tensor: tf.Tensor): number {
  return Array.from(tensor.dataSync()).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/** Asserts that dtype and shape agree and every entry does to within `tolerance`. */
export function expectClose(found: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  expect(found.dtype).toBe(expected.dtype);
  expect(largestDifference(found, expected)).toBeLessThanOrEqual(tolerance);
}
