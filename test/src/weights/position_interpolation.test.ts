import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { interpolatePositions, resizePictures } from '../../../src/weights/position_interpolation.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { readOwnFixture } from '../../helpers/fixtures.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

interface Case {
  before: number;
  after: number;
  width: number;
  table: number[];
  resized: number[];
}

const { cases } = readOwnFixture<{ cases: Case[] }>('positions', 'bicubic.json');
const POSITIONS = 'vision/positions/positions';

describe('interpolatePositions', () => {
  test.each(cases)('$before to $after patches a side is as in PyTorch', ({ before, after, width, table, resized }) => {
    const values = interpolatePositions(Float32Array.from(table), width, before, after);
    expect(values).toHaveLength(resized.length);
    const worst = Math.max(...values.map((value, index) => Math.abs(value - resized[index])));
    // The fixture has six decimals.
    expect(worst).toBeLessThan(5e-6);
  });
});

describe('resizePictures', () => {
  const config = tinyConfig();
  const weights = randomWeights(config, 1);

  test('changes the positions and the picture size, and nothing else', async () => {
    const { imageSize, patchSize, width } = config.vision;
    const larger = resizePictures(config, weights, imageSize + 2 * patchSize);
    expect(larger.config).toEqual({ ...config, vision: { ...config.vision, imageSize: imageSize + 2 * patchSize } });
    const side = imageSize / patchSize;
    const { shape, values } = await larger.weights.read(POSITIONS);
    expect([shape, larger.weights.shape(POSITIONS)]).toEqual(Array(2).fill([1 + (side + 2) ** 2, width]));
    expect(values).toEqual(interpolatePositions((await weights.read(POSITIONS)).values, width, side, side + 2));
    for (const name of weights.names.filter((other) => other !== POSITIONS)) {
      expect(larger.weights.shape(name)).toEqual(weights.shape(name));
    }
    expect(await larger.weights.read('vision/pre_norm/gamma')).toEqual(await weights.read('vision/pre_norm/gamma'));
  });

  test('leaves a model of that size as it is', () => {
    expect(resizePictures(config, weights, config.vision.imageSize)).toEqual({ config, weights });
  });

  test.each([15, 0, 16.5, NaN, -8])('refuses pictures of %d pixels', (imageSize) => {
    expect(() => resizePictures(config, weights, imageSize)).toThrow(
      new MapleError(`\`imageSize\` must be a multiple of the model's patch, 8 pixels. Received: ${imageSize}.`),
    );
  });
});
