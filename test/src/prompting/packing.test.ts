import { describe, expect, test } from '@jest/globals';
import { packTexts, sharedTokens } from '../../../src/prompting/packing.js';

describe('packTexts', () => {
  const texts = [
    [1, 5, 6, 20, 9],
    [1, 5, 6, 21, 22, 23, 9],
    [1, 5, 6, 24, 25, 9],
  ];
  const packed = packTexts(texts);

  test('holds what all begin with once, and no padding', () => {
    expect(packed.shared).toBe(3);
    expect(packed.ids).toEqual([1, 5, 6, 20, 9, 21, 22, 23, 9, 24, 25, 9]);
    expect(packed.positions).toEqual([0, 1, 2, 3, 4, 3, 4, 5, 6, 3, 4, 5]);
  });

  test('says where each text lies, and back', () => {
    expect(packed.places).toEqual([
      [0, 1, -1, -1],
      [2, 3, 4, 5],
      [6, 7, 8, -1],
    ]);
    expect(packed.real).toEqual([0, 1, 4, 5, 6, 7, 8, 9, 10]);
    expect(packed.real.map((at) => packed.places.flat()[at])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(packed.ends).toEqual([1, 3, 2]);
  });

  test('every text can be read off it', () => {
    const own = packed.ids.slice(packed.shared);
    const read = packed.places.map((row) => [
      ...packed.ids.slice(0, 3),
      ...row.filter((at) => at >= 0).map((at) => own[at]),
    ]);
    expect(read).toEqual(texts);
  });
});

describe('sharedTokens', () => {
  test('leaves every text a token of its own', () => {
    expect(sharedTokens([[1, 2, 3]])).toBe(2);
    expect(
      sharedTokens([
        [1, 2, 3],
        [1, 2],
      ]),
    ).toBe(1);
    expect(
      sharedTokens([
        [1, 2, 3],
        [4, 2, 3],
      ]),
    ).toBe(0);
  });
});
