import { describe, expect, test } from '@jest/globals';
import { holdOut, type Splittable } from '../../../src/data/hold_out.js';

/** `counts[label]` pictures of each class. */
function pictures(counts: number[]): Splittable[] {
  return counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, index) => ({ label, key: `class ${label}/${index}.jpg` })),
  );
}

function sizes(counts: number[], test: number, validation = 0): number[][] {
  const all = pictures(counts);
  const parts = holdOut(all, { test, validation }, 1);
  return counts.map((_, label) =>
    ['train', 'validation', 'test'].map(
      (part) => parts.filter((of, at) => of === part && all[at].label === label).length,
    ),
  );
}

describe('holdOut', () => {
  test('takes the share of each class, one at least, and always leaves one to train on', () => {
    expect(sizes([10, 4, 3, 2, 1], 0.2)).toEqual([
      [8, 0, 2],
      [3, 0, 1],
      [2, 0, 1],
      [1, 0, 1],
      [1, 0, 0],
    ]);
    expect(sizes([10, 3, 2, 1], 0.2, 0.3)).toEqual([
      [5, 3, 2],
      [1, 1, 1],
      [1, 0, 1],
      [1, 0, 0],
    ]);
    expect(sizes([5], 0, 0)).toEqual([[5, 0, 0]]);
  });

  test('the seed decides, and neither order nor other classes do', () => {
    const all = pictures([20, 20]);
    const split = (of: Splittable[], seed: number): Map<string, string> => {
      const parts = holdOut(of, { test: 0.25, validation: 0.25 }, seed);
      return new Map(of.map(({ key }, at) => [key, parts[at]]));
    };
    const first = split(all, 1);
    expect(split([...all].reverse(), 1)).toEqual(new Map([...first].reverse()));
    expect([...split(all.slice(0, 20), 1)]).toEqual([...first].slice(0, 20));
    expect(split(all, 2)).not.toEqual(first);
  });

  test('a picture that is added moves one other to another part at most', () => {
    const all = pictures([40]);
    const before = holdOut(all, { test: 0.2, validation: 0 }, 3);
    const moved = Array.from({ length: 30 }, (_, index) => {
      const after = holdOut([...all, { label: 0, key: `class 0/new ${index}.jpg` }], { test: 0.2, validation: 0 }, 3);
      return before.filter((part, at) => part !== after[at]).length;
    });
    expect(Math.max(...moved)).toBe(1);
    expect(moved.filter((count) => count === 0).length).toBeGreaterThan(15);
  });

  test.each([
    [{ test: 1, validation: 0 }, '`split.test` must be a share of 0 or more, below 1. Received: 1.'],
    [{ test: 0, validation: NaN }, '`split.validation` must be a share of 0 or more, below 1. Received: NaN.'],
    [{ test: 0.5, validation: 0.5 }, 'its shares must come to less than 1. Received: 1.'],
  ])('refuses %o', (shares, message) => {
    expect(() => holdOut(pictures([3]), shares, 1)).toThrow(message);
  });
});
