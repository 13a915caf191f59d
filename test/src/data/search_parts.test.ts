import { describe, expect, test } from '@jest/globals';
import type { Example } from '../../../src/data/dataset.js';
import { searchParts } from '../../../src/data/search_parts.js';

const load = () => Promise.reject(new Error('not to be loaded'));
const ofClass = (label: number, count: number, kind = 'shot'): Example[] =>
  Array.from({ length: count }, (_, index) => ({ label, name: `${kind} ${label} ${index}`, load }));
const counts = (examples: readonly Example[], classes: number): number[] =>
  Array.from({ length: classes }, (_, label) => examples.filter((example) => example.label === label).length);

describe('searchParts', () => {
  test("takes the data's own validation part, no more than 16 of a class", () => {
    const shots = [...ofClass(0, 4), ...ofClass(1, 4)];
    const validation = [...ofClass(0, 30, 'own'), ...ofClass(1, 3, 'own')];
    const found = searchParts({ shots, spare: ofClass(0, 9, 'spare'), validation, classes: 2 }, 1);
    expect(found?.train).toEqual(shots);
    expect(counts(found?.validation ?? [], 2)).toEqual([16, 3]);
    expect(found?.validation.every((example) => validation.includes(example))).toBe(true);
    expect(found?.heldOut).toBe(false);
  });

  test('else training pictures that are no shots, and trains on all shots', () => {
    const shots = [...ofClass(0, 16), ...ofClass(1, 16)];
    const spare = [...ofClass(0, 8, 'spare'), ...ofClass(1, 5, 'spare')];
    const found = searchParts({ shots, spare, validation: [], classes: 2 }, 1);
    expect(found?.train).toEqual(shots);
    expect(counts(found?.validation ?? [], 2)).toEqual([8, 5]);
    expect(found?.validation.every((example) => spare.includes(example))).toBe(true);
    expect(found?.heldOut).toBe(false);
  });

  test('else a quarter of the shots of each class that has no others, by the seed', () => {
    const shots = [...ofClass(0, 16), ...ofClass(1, 8), ...ofClass(2, 2), ...ofClass(3, 1)];
    const args = { shots, spare: ofClass(0, 6, 'spare'), validation: [], classes: 4 };
    const found = searchParts(args, 1);
    expect(counts(found?.validation ?? [], 4)).toEqual([6, 2, 1, 0]);
    expect(counts(found?.train ?? [], 4)).toEqual([16, 6, 1, 1]);
    expect(found?.train.some((example) => found.validation.includes(example))).toBe(false);
    expect(found?.heldOut).toBe(true);
    expect(searchParts(args, 1)).toEqual(found);
    expect(searchParts(args, 2)).not.toEqual(found);
  });

  test('400 pictures are enough for all classes together', () => {
    const classes = 100;
    const labels = Array.from({ length: classes }, (_, label) => label);
    const found = searchParts(
      {
        shots: labels.flatMap((label) => ofClass(label, 4)),
        spare: labels.flatMap((label) => ofClass(label, 20, 'spare')),
        validation: [],
        classes,
      },
      1,
    );
    expect(found?.validation).toHaveLength(400);
    expect(new Set(counts(found?.validation ?? [], classes))).toEqual(new Set([4]));
  });

  test('no class has a picture to spare', () => {
    expect(
      searchParts({ shots: [...ofClass(0, 1), ...ofClass(1, 1)], spare: [], validation: [], classes: 2 }, 1),
    ).toBeUndefined();
  });
});
