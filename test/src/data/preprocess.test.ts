import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import type { Picture } from '../../../src/data/picture.js';
import { testTransform, toFloat } from '../../../src/data/preprocess.js';
import { fixturePath, readJsonFixture } from '../../helpers/fixtures.js';

const manifest = readJsonFixture<{ size: number; cases: Record<string, string> }>('preprocess', 'manifest.json');

/** Colour without alpha, as Pillow's convert('RGB') leaves it. */
async function decode(name: string): Promise<Picture> {
  const image = sharp(fixturePath('preprocess', name)).removeAlpha().toColourspace('srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

describe('testTransform', () => {
  test.each(Object.entries(manifest.cases))('%s comes out as from Pillow', async (name, expectedName) => {
    const actual = testTransform(await decode(name), manifest.size);
    const expected = await decode(expectedName);
    expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
    const differences = actual.data.map((value, at) => Math.abs(value - expected.data[at]));
    const largest = differences.reduce((most, value) => Math.max(most, value), 0);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    if (name.endsWith('.png')) {
      expect(largest).toBe(0);
    }
    // A JPEG decoder may round differently from Pillow's.
    expect(mean).toBeLessThanOrEqual(1);
    expect(largest).toBeLessThanOrEqual(6);
  });
});

describe('toFloat', () => {
  const white: Picture = { width: 2, height: 1, data: Uint8Array.from([255, 255, 255, 0, 0, 0]) };

  test('normalises by channel', () => {
    const values = toFloat([white, white], CLIP_IMAGE_STATISTICS);
    expect(values).toHaveLength(12);
    const { mean, deviation } = CLIP_IMAGE_STATISTICS;
    for (let channel = 0; channel < 3; channel++) {
      expect(values[6 + channel]).toBeCloseTo((1 - mean[channel]) / deviation[channel], 5);
      expect(values[9 + channel]).toBeCloseTo(-mean[channel] / deviation[channel], 5);
    }
  });

  test('takes pictures of one size only', () => {
    const tall = { width: 1, height: 2, data: white.data };
    expect(() => toFloat([white, tall], CLIP_IMAGE_STATISTICS)).toThrow('picture 0 is 2 x 1, picture 1 is 1 x 2');
    expect(toFloat([], CLIP_IMAGE_STATISTICS)).toHaveLength(0);
  });
});
