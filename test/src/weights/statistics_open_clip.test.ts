import { describe, expect, test } from '@jest/globals';
import { CLIP_IMAGE_STATISTICS, SIGLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import { statisticsFromOpenClip } from '../../../src/weights/statistics_open_clip.js';

const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const stated = (preprocess?: object) => statisticsFromOpenClip({ model_cfg: {}, preprocess_cfg: preprocess });

describe('statisticsFromOpenClip', () => {
  test('are those stated, or none', () => {
    expect(stated({ mean: [0.5, 0.4, 0.3], std: [0.1, 0.2, 0.3], interpolation: 'bicubic' })).toStrictEqual({
      mean: [0.5, 0.4, 0.3],
      deviation: [0.1, 0.2, 0.3],
    });
    expect([stated(), stated({}), stated({ mode: 'RGB', mean: null })]).toEqual([undefined, undefined, undefined]);
  });

  test('of SigLIP squash pictures, and may be bilinear', () => {
    const siglip = { ...HALF, mode: 'RGB', interpolation: 'bicubic', resize_mode: 'squash' };
    expect(stated(siglip)).toStrictEqual(SIGLIP_IMAGE_STATISTICS);
    expect(stated({ ...siglip, interpolation: 'bilinear' })).toStrictEqual({
      ...SIGLIP_IMAGE_STATISTICS,
      filter: 'bilinear',
    });
  });

  test("are CLIP's where they say only how pictures are resized", () => {
    expect(stated({ resize_mode: 'squash' })).toStrictEqual({ ...CLIP_IMAGE_STATISTICS, fit: 'squash' });
    expect(stated({ std: [1, 1, 1], resize_mode: 'shortest', interpolation: 'bilinear' })).toStrictEqual({
      mean: CLIP_IMAGE_STATISTICS.mean,
      deviation: [1, 1, 1],
      filter: 'bilinear',
    });
  });

  test.each<[object, RegExp]>([
    [{ mean: [1, 2], std: [1, 1, 1] }, /`preprocess_cfg.mean` .* three numbers. Received: \[1,2\]/],
    [{ mean: [0, 0, 0], std: [1, 0, 1] }, /`preprocess_cfg.std` .* three numbers above 0/],
    [{ mean: 0.5, std: 0.5 }, /`preprocess_cfg.mean` .* three numbers. Received: 0.5/],
    [
      { resize_mode: 'longest' },
      /`preprocess_cfg.resize_mode` of open_clip_config.json must be shortest or squash; .*"longest"/,
    ],
    [{ resize_mode: 'toString' }, /`preprocess_cfg.resize_mode` .* Received: "toString"/],
    [
      { interpolation: 'random' },
      /`preprocess_cfg.interpolation` .* must be bicubic or bilinear; .* Received: "random"/,
    ],
    [{ mode: 'L' }, /`preprocess_cfg.mode` .* must be RGB; .* Received: "L"/],
    [['squash'], /`preprocess_cfg` of open_clip_config.json must be an object/],
  ])('refuses %j', (preprocess, message) => {
    expect(() => stated(preprocess)).toThrow(message);
  });
});
