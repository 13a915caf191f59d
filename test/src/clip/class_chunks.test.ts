import { describe, expect, test } from '@jest/globals';
import { classChunks } from '../../../src/clip/class_chunks.js';

/** Texts that share 0, 1, 2, then one to three tokens of their own and the end, 9. */
const texts = (count: number) => ({
  ids: Array.from({ length: count }, (_, text) => [
    [0, 1, 2, ...Array.from({ length: 1 + (text % 3) }, (_, at) => 3 + text + at), 9],
  ]),
});
/** ViT-B/16's. */
const tower = { width: 512, layers: 12 };
const counts = (chunks: readonly { classes: number }[]) => chunks.map(({ classes }) => classes);

describe('classChunks', () => {
  test.each([
    [7, 7, [7]],
    [7, 100, [7]],
    [7, 6, [3, 4]],
    [7, 3, [2, 2, 3]],
    [7, 1, [1, 1, 1, 1, 1, 1, 1]],
    [7, Infinity, [7]],
  ])('%i classes, at most %d at once, are as few chunks of as like sizes as can be', (classes, rows, expected) => {
    const chunks = classChunks(texts(classes), { packs: false, length: 7, tower, rows });
    expect(counts(chunks)).toEqual(expected);
    expect(chunks.map(({ from }) => from)).toEqual(expected.map((_, at) => sum(expected.slice(0, at))));
    expect(chunks.every(({ packing }) => packing === undefined)).toBe(true);
  });

  test('each chunk has the packing and the prompt positions of its own texts', () => {
    const slots = [[1], [2], [3], [4], [5]];
    const rows = classChunks({ ...texts(5), slots }, { packs: false, length: 7, tower, rows: 2 });
    expect(rows.map((chunk) => chunk.slots)).toEqual([[[1]], [[2], [3]], [[4], [5]]]);
    const packed = classChunks(texts(5), { packs: true, length: 7, tower, rows: 2 });
    expect(packed.map(({ packing }) => packing?.ids)).toEqual([
      // A text alone shares all but its end.
      [0, 1, 2, 3, 9],
      [0, 1, 2, 4, 5, 9, 5, 6, 7, 9],
      [0, 1, 2, 6, 9, 7, 8, 9],
    ]);
    expect(packed.map(({ packing }) => packing?.ends)).toEqual([[0], [2, 3], [1, 2]]);
  });

  test.each([
    // Of packed texts 3 tokens of each on average, of others 7.
    ['packed', true, 1600, [1600]],
    ['packed', true, 2000, Array<number>(4).fill(500)],
    ['not packed', false, 690, [690]],
    ['not packed', false, 1000, Array<number>(5).fill(200)],
  ])(
    'by default %s texts (%s) of %i classes are computed at once, or chunks of a third',
    (_, packs, classes, found) => {
      expect(counts(classChunks(texts(classes), { packs, length: 7, tower }))).toEqual(found);
    },
  );

  test('wider and deeper towers have smaller chunks, of one class at least', () => {
    const sizes = [tower, { width: 1024, layers: 24 }, { width: 1e6, layers: 100 }].map((of) =>
      Math.max(...counts(classChunks(texts(1000), { packs: false, length: 7, tower: of }))),
    );
    expect(sizes).toEqual([200, 56, 1]);
    const bare = classChunks(texts(1000), { packs: false, length: 7, tower: { width: 512, layers: 0 } });
    expect(counts(bare)).toEqual([1000]);
  });
});

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
