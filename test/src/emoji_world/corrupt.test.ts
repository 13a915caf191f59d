import { describe, expect, test } from '@jest/globals';
import type { Picture } from '../../../src/data/picture.js';
import { corruptPicture } from '../../../src/emoji_world/corrupt.js';
import { Random } from '../../../src/random.js';

/** A white square on a dark ground. */
function square(size: number): Picture {
  const data = new Uint8Array(size * size * 3).fill(40);
  for (let y = size / 4; y < (3 * size) / 4; y++) {
    data.fill(230, (y * size + size / 4) * 3, (y * size + (3 * size) / 4) * 3);
  }
  return { width: size, height: size, data };
}

/** Root mean square of the difference, in 1/255. */
function difference(one: Uint8Array, other: Uint8Array): number {
  return Math.sqrt(one.reduce((sum, value, at) => sum + (value - other[at]) ** 2, 0) / one.length);
}

describe('corruptPicture', () => {
  const clean = square(64);
  const corrupted = Promise.all(Array.from({ length: 30 }, (_, seed) => corruptPicture(clean, new Random(seed))));

  test('keeps the size and changes the picture, without losing it', async () => {
    for (const { width, height, data } of await corrupted) {
      expect([width, height, data.length]).toEqual([64, 64, 64 * 64 * 3]);
      const change = difference(data, clean.data);
      expect(change).toBeGreaterThan(1);
      expect(change).toBeLessThan(60);
    }
    expect(clean).toEqual(square(64));
  });

  test('gives the same for the same stream, and something else for another', async () => {
    const results = await corrupted;
    const again = await Promise.all(results.map((_, seed) => corruptPicture(clean, new Random(seed))));
    expect(again).toEqual(results);
    expect(new Set(results.map(({ data }) => Buffer.from(data).toString('base64'))).size).toBeGreaterThan(12);
  });

  test('blurs, compresses and adds noise', async () => {
    // Steps between neighbours in the ground's first row: none when clean or blurred, many with noise.
    const roughness = (await corrupted).map(({ data }) => {
      const row = Array.from({ length: 63 }, (_, x) => Math.abs(data[(x + 1) * 3] - data[x * 3]));
      return row.reduce((sum, step) => sum + step, 0) / row.length;
    });
    const noisy = roughness.filter((value) => value > 10).length;
    expect(noisy).toBeGreaterThanOrEqual(5);
    expect(noisy).toBeLessThanOrEqual(17);
    // The square's edge: a blur passes through values that are neither ground nor square.
    const soft = (await corrupted).filter(({ data }, at) => {
      const edge = data[(32 * 64 + 16) * 3];
      return roughness[at] < 10 && edge > 80 && edge < 190;
    });
    expect(soft.length).toBeGreaterThanOrEqual(5);
    expect(soft.length).toBeLessThanOrEqual(17);
    expect(noisy + soft.length).toBeLessThan(28);
  });
});
