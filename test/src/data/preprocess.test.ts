import { describe, expect, test } from '@jest/globals';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import type { Picture } from '../../../src/data/picture.js';
import { toFloat } from '../../../src/data/preprocess.js';

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
