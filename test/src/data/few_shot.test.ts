import { describe, expect, test } from '@jest/globals';
import type { Example } from '../../../src/data/dataset.js';
import { fewShots } from '../../../src/data/few_shot.js';

const examples: Example[] = Array.from({ length: 60 }, (_, at) => ({
  label: at % 3,
  name: `picture ${at}`,
  load: () => Promise.reject(new Error('not needed')),
}));
const names = (chosen: Example[]): string[] => chosen.map(({ name }) => name);

describe('fewShots', () => {
  test('gives that many different examples of each class', () => {
    const chosen = fewShots(examples, 4, 1);
    expect(chosen.map(({ label }) => label)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(new Set(names(chosen)).size).toBe(12);
  });

  test('depends on the seed, and for a class on nothing else', () => {
    expect(names(fewShots(examples, 4, 1))).toEqual(names(fewShots(examples, 4, 1)));
    expect(names(fewShots(examples, 4, 1))).not.toEqual(names(fewShots(examples, 4, 2)));
    const without = examples.filter(({ label }) => label !== 0);
    expect(names(fewShots(without, 4, 1))).toEqual(names(fewShots(examples, 4, 1)).slice(4));
  });

  test('gives all that a small class has', () => {
    expect(fewShots(examples, 50, 1)).toHaveLength(60);
  });

  test('refuses a number of shots that is none', () => {
    expect(() => fewShots(examples, 0, 1)).toThrow('`shots` must be a positive integer. Received: 0.');
  });
});
