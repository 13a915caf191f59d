import { expect, test } from '@jest/globals';
import { mcnemar } from '../../../src/evaluation/mcnemar.js';
import type { SplitMetrics } from '../../../src/evaluation/record.js';

/** Two classifiers of two classes: right both, the one alone, the other alone, neither; so many pictures of each. */
function pair(both: number, one: number, other: number, neither: number): [SplitMetrics, SplitMetrics] {
  const labels = Array.from({ length: both + one + other + neither }, (_, index) => index % 2);
  const metrics = (isRight: (index: number) => boolean): SplitMetrics => {
    const said = labels.map((label, index) => (isRight(index) ? label : 1 - label));
    const accuracy = said.filter((label, index) => label === labels[index]).length / labels.length;
    const classNames = ['a', 'b'];
    return { classNames, pictures: labels.length, accuracy, macroF1: accuracy, perClass: [], labels, said };
  };
  return [
    metrics((index) => index < both + one),
    metrics((index) => index < both || (index >= both + one && index < both + one + other)),
  ];
}

// scipy 1.17.1: binomtest(min(gained, lost), gained + lost).pvalue.
test.each([
  [14, 0, 0.0001220703125],
  [9, 3, 0.14599609375],
  [3, 10, 0.09228515625],
  [4, 0, 0.125],
  [5, 5, 1],
  [30, 12, 0.007915897],
  [1200, 1050, 0.001676668],
])('%i gained and %i lost: as scipy has it', (gained, lost, p) => {
  const found = mcnemar(...pair(20, gained, lost, 10));
  expect(found).toEqual({ gained, lost, p: expect.closeTo(p, 8) });
});

test('what both have right or wrong does not count; where they never differ, nothing speaks for either', () => {
  expect(mcnemar(...pair(0, 9, 3, 0)).p).toBe(mcnemar(...pair(500, 9, 3, 700)).p);
  expect(mcnemar(...pair(5, 0, 0, 5))).toEqual({ gained: 0, lost: 0, p: 1 });
});
