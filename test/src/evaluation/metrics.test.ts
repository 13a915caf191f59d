import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import {
  accuracy,
  confusionMatrix,
  harmonicMean,
  macroF1,
  meanAndDeviation,
  perClassAccuracy,
} from '../../../src/evaluation/metrics.js';

const LABELS = [0, 0, 0, 1, 1, 2];
const PREDICTED = [0, 0, 1, 1, 2, 3];

describe('metrics of four classes, the last without examples', () => {
  test('accuracy', () => {
    expect(accuracy(PREDICTED, LABELS)).toBe(3 / 6);
    expect(accuracy(Int32Array.from(LABELS), LABELS)).toBe(1);
  });

  test('confusion matrix: rows are the true classes', () => {
    expect(confusionMatrix(PREDICTED, LABELS, 4)).toEqual([
      [2, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 0],
    ]);
  });

  test('accuracy of each class', () => {
    expect(perClassAccuracy(PREDICTED, LABELS, 4)).toEqual([2 / 3, 1 / 2, 0, NaN]);
  });

  test('macro F1 over the classes that occur', () => {
    // Class 0: precision 1, recall 2/3, F1 4/5. Class 1: 1/2 and 1/2, F1 1/2. Class 2: 0.
    expect(macroF1(PREDICTED, LABELS, 4)).toBeCloseTo((0.8 + 0.5 + 0) / 3, 12);
  });

  test.each<[() => unknown, string]>([
    [
      () => accuracy([0], [0, 1]),
      '`predicted` and `labels` must be of one length, with at least one example. Received: 1 predictions, 2 labels.',
    ],
    [
      () => accuracy([], []),
      '`predicted` and `labels` must be of one length, with at least one example. Received: 0 predictions, 0 labels.',
    ],
    [() => macroF1([0, 4], [0, 1], 4), '`predicted` must hold class indices from 0 to 3. Received: 4 at 1.'],
    [() => perClassAccuracy([0], [-1], 2), '`labels` must hold class indices from 0 to 1. Received: -1 at 0.'],
  ])('refuses what does not fit (%#)', (call, message) => {
    expect(call).toThrow(new MapleError(message));
  });
});

describe('harmonicMean', () => {
  test("gives the paper's averages", () => {
    expect(harmonicMean(82.28, 75.14)).toBeCloseTo(78.55, 2);
    expect(harmonicMean(69.34, 74.22)).toBeCloseTo(71.7, 2);
    expect(harmonicMean(0, 0)).toBe(0);
    expect(harmonicMean(0, 50)).toBe(0);
  });

  test('refuses what is no accuracy', () => {
    expect(() => harmonicMean(NaN, 1)).toThrow(MapleError);
    expect(() => harmonicMean(1, -1)).toThrow('Received: 1 and -1.');
  });
});

describe('meanAndDeviation', () => {
  test('divides by the number of values', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: 2 });
    expect(meanAndDeviation([3])).toEqual({ mean: 3, deviation: 0 });
  });

  test('refuses an empty list', () => {
    expect(() => meanAndDeviation([])).toThrow(new MapleError('A mean takes at least one value. Received: none.'));
  });
});
