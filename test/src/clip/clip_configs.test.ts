import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { validateClipConfig } from '../../../src/clip/config.js';
import { canonicalShapes } from '../../../src/weights/canonical.js';

/** Parameters of the published models, as PyTorch counts them; OpenCLIP's table says 208.38, 986.11, 1366.68, 2539.57 M. */
const PUBLISHED = {
  vitB32: 151_277_313,
  vitB16: 149_620_737,
  vitL14: 427_616_513,
  vitL14At336: 427_944_193,
  vitB16Plus240: 208_377_345,
  vitH14: 986_109_441,
  vitG14: 1_366_678_273,
  vitBigG14: 2_539_567_105,
};

describe('clipConfigs', () => {
  test.each(Object.entries(PUBLISHED))('%s has %i parameters, as published', (name, parameters) => {
    const config = clipConfigs[name as keyof typeof PUBLISHED];
    expect(() => validateClipConfig(config)).not.toThrow();
    const shapes = [...canonicalShapes(config).values()];
    expect(shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0)).toBe(parameters);
  });

  test('every architecture there is has its count here', () => {
    expect(Object.keys(PUBLISHED)).toEqual(Object.keys(clipConfigs));
  });
});
