import { describe, expect, test } from '@jest/globals';
import { augment, mirrored, randomCropBox } from '../../../src/data/augment.js';
import type { Picture } from '../../../src/data/picture.js';
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
