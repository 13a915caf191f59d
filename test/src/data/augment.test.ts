import { describe, expect, test } from '@jest/globals';
import { augment, mirrored, randomCropBox, type AugmentOptions } from '../../../src/data/augment.js';
import type { Picture } from '../../../src/data/picture.js';
import { resize } from '../../../src/data/resize.js';
import { Random } from '../../../src/random.js';

const picture: Picture = { width: 40, height: 30, data: Uint8Array.from({ length: 3600 }, (_, at) => (at * 31) % 256) };

describe('randomCropBox', () => {
  test('stays inside, with areas and shapes over the whole allowed range', () => {
    const random = new Random(1);
    const size = { width: 400, height: 400 };
    const areas: number[] = [];
    const shapes: number[] = [];
    for (let draw = 0; draw < 3000; draw++) {
      const { left, top, width, height } = randomCropBox(size, random);
      expect(left >= 0 && top >= 0 && left + width <= 400 && top + height <= 400).toBe(true);
      areas.push((width * height) / 160_000);
      shapes.push(Math.log(width / height));
    }
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.min(...areas)).toBeGreaterThan(0.075);
    expect(Math.min(...areas)).toBeLessThan(0.1);
    expect(Math.max(...areas)).toBeGreaterThan(0.95);
    // Uniform would give 0.54; above 3/4 a share of ln(1/area) / ln(4/3) has a shape that fits, which gives 0.478.
    expect(Math.abs(mean(areas) - 0.478)).toBeLessThan(0.015);
    expect(Math.min(...shapes)).toBeGreaterThan(Math.log(3 / 4) - 0.02);
    expect(Math.max(...shapes)).toBeLessThan(Math.log(4 / 3) + 0.02);
  });

  const tenTimes = (...draws: number[]): number[] => Array.from({ length: 10 }, () => draws).flat();
  // The boxes are those of torchvision's RandomResizedCrop.get_params with the same draws, each in [0, 1).
  test.each<[string, number[], AugmentOptions['scale'], AugmentOptions['ratio'], number[], number[]]>([
    ['the first draw', [640, 480], undefined, undefined, [0.3, 0.7, 0.25, 0.9], [261, 42, 350, 312]],
    ['the smallest and narrowest', [640, 480], undefined, undefined, [0, 0, 0, 0.999], [504, 0, 136, 181]],
    ['a draw of odd sizes', [33, 57], undefined, undefined, [0.61, 0.37, 0.8, 0.1], [0, 17, 33, 36]],
    [
      'the third draw, as two do not fit',
      [480, 640],
      undefined,
      undefined,
      [0.99, 0.98, 0.97, 0.99, 0.2, 0.1, 0.5, 0.5],
      [113, 160, 254, 320],
    ],
    [
      'the tenth draw',
      [100, 100],
      [1, 1],
      undefined,
      [...tenTimes(0.9, 0.9).slice(2), 0, 0.5, 0.3, 0.3],
      [0, 0, 100, 100],
    ],
    ['no draw, too wide', [1000, 10], [1, 1], undefined, tenTimes(0.5, 0.5), [493, 0, 13, 10]],
    ['no draw, too tall', [10, 1000], [1, 1], undefined, tenTimes(0.5, 0.5), [0, 493, 10, 13]],
    ['no draw, of an allowed shape', [90, 100], [1, 1], [0.5, 2], tenTimes(0.5, 0.1), [0, 0, 90, 100]],
    ['no draw, a half rounded to the even side', [1000, 3], [1, 1], [0.5, 1.5], tenTimes(0.5, 0.5), [498, 0, 4, 3]],
  ])("takes torchvision's box: %s", (_, [width, height], scale, ratio, draws, [left, top, boxWidth, boxHeight]) => {
    const random = scripted(draws);
    const box = randomCropBox({ width, height }, random, { scale, ratio });
    expect(box).toEqual({ left, top, width: boxWidth, height: boxHeight });
    expect(random.left()).toBe(0);
  });

  test('falls back to the centre when no shape fits', () => {
    const box = randomCropBox({ width: 1000, height: 10 }, new Random(2), { scale: [1, 1] });
    expect(box).toEqual({ width: 13, height: 10, left: 493, top: 0 });
    const tall = randomCropBox({ width: 10, height: 1000 }, new Random(2), { scale: [1, 1] });
    expect(tall).toEqual({ width: 10, height: 13, left: 0, top: 493 });
  });

  test('takes the whole picture when told to', () => {
    const box = randomCropBox({ width: 20, height: 20 }, new Random(3), { scale: [1, 1], ratio: [1, 1] });
    expect(box).toEqual({ width: 20, height: 20, left: 0, top: 0 });
  });

  test('refuses empty ranges', () => {
    expect(() => randomCropBox(picture, new Random(1), { scale: [0, 1] })).toThrow(
      '`scale` must be two rising numbers above 0 and at most 1. Received: [0, 1].',
    );
    expect(() => randomCropBox(picture, new Random(1), { ratio: [2, 1] })).toThrow(
      '`ratio` must be two rising numbers',
    );
  });
});

describe('augment', () => {
  test('repeats itself for equal streams and differs for others', () => {
    const make = (seed: number): Picture => augment(picture, new Random(seed), { size: 16 });
    expect(make(5)).toEqual(make(5));
    expect(make(5).data).not.toEqual(make(6).data);
    expect([make(5).width, make(5).height, make(5).data.length]).toEqual([16, 16, 768]);
  });

  test("resizes its crop by the model's filter", () => {
    const whole = { size: 16, scale: [1, 1], ratio: [4 / 3, 4 / 3], flip: 0 } as const;
    for (const filter of ['bicubic', 'bilinear'] as const) {
      const made = augment(picture, new Random(1), { ...whole, filter });
      expect(made).toEqual(resize(picture, 16, 16, undefined, filter));
    }
    expect(augment(picture, new Random(1), whole)).toEqual(resize(picture, 16, 16));
    expect(() => augment(picture, new Random(1), { ...whole, filter: 'area' as never })).toThrow(/`filter` must be/);
  });

  test('mirrors as often as asked', () => {
    const whole = { size: 30, scale: [1, 1], ratio: [4 / 3, 4 / 3] } as const;
    const plain = augment(picture, new Random(1), { ...whole, flip: 0 });
    const flipped = augment(picture, new Random(1), { ...whole, flip: 1 });
    expect(mirrored(flipped)).toEqual(plain);
    const random = new Random(9);
    const share = Array.from({ length: 400 }, () => augment(picture, random, { ...whole, size: 4 }).data[0]);
    const first = augment(picture, random, { ...whole, size: 4, flip: 1 }).data[0];
    const count = share.filter((value) => value === first).length;
    expect(count).toBeGreaterThan(150);
    expect(count).toBeLessThan(250);
  });
});

/** A source of random numbers that gives these shares of each range, in order. */
function scripted(draws: readonly number[]): Random & { left(): number } {
  const rest = [...draws];
  const next = (): number => {
    if (rest.length === 0) throw new Error('more draws than expected');
    return rest.shift() as number;
  };
  return Object.assign(new Random(0), {
    uniform: (low = 0, high = 1): number => low + (high - low) * next(),
    integer: (count: number): number => Math.floor(count * next()),
    left: (): number => rest.length,
  });
}
