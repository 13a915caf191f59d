import { describe, expect, test } from '@jest/globals';
import type { Picture } from '../../../src/data/picture.js';
import { luminance } from '../../../src/emoji_world/backgrounds.js';
import type { Drawing } from '../../../src/emoji_world/drawing.js';
import { renderScene } from '../../../src/emoji_world/scenes.js';
import { Random } from '../../../src/random.js';

/** A filled disc in one colour, premultiplied. */
function disc(red: number, green: number, blue: number, size = 64): Drawing {
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (Math.hypot(x + 0.5 - size / 2, y + 0.5 - size / 2) < size / 2 - 2) {
        data.set([red, green, blue, 255], (y * size + x) * 4);
      }
    }
  }
  return { size, data };
}

const brightness = ({ data }: Picture, pixel: number): number =>
  luminance(data[pixel * 3], data[pixel * 3 + 1], data[pixel * 3 + 2]);

describe('renderScene', () => {
  test('is decided by the stream alone', () => {
    const make = (seed: number): Picture => renderScene(disc(200, 30, 30), new Random(seed), { size: 48 });
    expect(make(1)).toEqual(make(1));
    expect(make(1).data).not.toEqual(make(2).data);
    expect([make(1).width, make(1).height, make(1).data.length]).toEqual([48, 48, 6912]);
  });

  test('a black drawing and a white one stand out from every background', () => {
    for (const ink of [0, 255]) {
      for (let seed = 0; seed < 200; seed++) {
        const scene = renderScene(disc(ink, ink, ink), new Random(seed), { size: 48, scale: [0.8, 0.8], noise: 0 });
        const centre = brightness(scene, 24 * 48 + 24);
        const corners = [0, 47, 47 * 48, 48 * 48 - 1].map((pixel) => Math.abs(brightness(scene, pixel) - centre));
        expect(Math.min(...corners)).toBeGreaterThan(50);
      }
    }
  });

  test('covers the share of the picture that its size asks for', () => {
    const random = new Random(4);
    const options = { size: 48, scale: [0.5, 0.5], noise: 0, light: 0 } as const;
    const scene = renderScene(disc(0, 0, 0), random, options);
    const dark = Array.from({ length: 48 * 48 }, (_, pixel) => brightness(scene, pixel)).filter((value) => value < 50);
    const radius = (0.5 * 48 * 60) / 64 / 2;
    expect(dark.length / (Math.PI * radius ** 2)).toBeGreaterThan(0.9);
    expect(dark.length / (Math.PI * radius ** 2)).toBeLessThan(1.05);
  });

  test('loses its colour as often as asked', () => {
    const colourless = (greyscale: number): number => {
      const scenes = Array.from({ length: 200 }, (_, seed) =>
        renderScene(disc(250, 10, 10), new Random(seed), { size: 16, noise: 0, light: 0, greyscale }),
      );
      return scenes.filter(({ data }) => data.every((value, at) => value === data[at - (at % 3)])).length;
    };
    expect(colourless(0)).toBe(0);
    expect(colourless(1)).toBe(200);
    expect(Math.abs(colourless(0.3) - 60)).toBeLessThan(25);
  });

  test('noise has the deviations asked for, and no bias', () => {
    const options = { size: 32, light: 0, scale: [1, 1], noise: 20 } as const;
    const deviations: number[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const { data } = renderScene(disc(128, 128, 128), new Random(seed), options);
      const centre = [...data.subarray(12 * 96, 20 * 96)].filter((_, at) => at % 96 >= 36 && at % 96 < 60);
      const mean = centre.reduce((sum, value) => sum + value, 0) / centre.length;
      expect(Math.abs(mean - 128)).toBeLessThan(6);
      deviations.push(Math.sqrt(centre.reduce((sum, value) => sum + (value - mean) ** 2, 0) / centre.length));
    }
    const average = deviations.reduce((sum, value) => sum + value, 0) / deviations.length;
    expect(average).toBeGreaterThan(8);
    expect(average).toBeLessThan(12);
    expect(Math.max(...deviations)).toBeLessThan(24);
  });
});
