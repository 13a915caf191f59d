import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { interpolatePositions, resizePictures } from '../../../src/weights/position_interpolation.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { readOwnFixture } from '../../helpers/fixtures.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';
import { tinySiglipConfig } from '../../helpers/tiny_siglip.js';

interface Case {
  before: number;
  after: number;
  width: number;
  table: number[];
  resized: number[];
}

const { cases } = readOwnFixture<{ cases: Case[] }>('positions', 'bicubic.json');
const POSITIONS = 'vision/positions/positions';

const worst = (values: Float32Array, expected: readonly number[]): number =>
  Math.max(...values.map((value, index) => Math.abs(value - expected[index])));

describe('interpolatePositions', () => {
  // The fixture has six decimals.
  const ERROR = 5e-6;

  test.each(cases)('$before to $after patches a side is as in PyTorch', ({ before, after, width, table, resized }) => {
    const grid = { kept: 1, from: before, to: after };
    const values = interpolatePositions(Float32Array.from(table), width, grid);
    expect(values).toHaveLength(resized.length);
    expect(worst(values, resized)).toBeLessThan(ERROR);
  });

  test.each(cases)('$before to $after without a class token', ({ before, after, width, table, resized }) => {
    const grid = { kept: 0, from: before, to: after };
    const values = interpolatePositions(Float32Array.from(table.slice(width)), width, grid);
    expect(values).toHaveLength(resized.length - width);
    expect(worst(values, resized.slice(width))).toBeLessThan(ERROR);
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
    expect(values).toEqual(
      interpolatePositions((await weights.read(POSITIONS)).values, width, { kept: 1, from: side, to: side + 2 }),
    );
    for (const name of weights.names.filter((other) => other !== POSITIONS)) {
      expect(larger.weights.shape(name)).toEqual(weights.shape(name));
    }
    expect(await larger.weights.read('vision/pre_norm/gamma')).toEqual(await weights.read('vision/pre_norm/gamma'));
  });

  test('of a tower without class token changes all positions', async () => {
    const siglip = tinySiglipConfig();
    const source = randomWeights(siglip, 1);
    const larger = resizePictures(siglip, source, 24);
    const { shape, values } = await larger.weights.read(POSITIONS);
    expect(shape).toEqual([9, 32]);
    const grid = { kept: 0, from: 2, to: 3 };
    expect(values).toEqual(interpolatePositions((await source.read(POSITIONS)).values, 32, grid));
  });

  test('leaves a model of that size as it is, multiple of a patch or not', () => {
    const odd = tinySiglipConfig({ vision: { imageSize: 22 } });
    expect(resizePictures(odd, weights, 22)).toEqual({ config: odd, weights });
    expect(resizePictures(config, weights, config.vision.imageSize)).toEqual({ config, weights });
  });

  test.each([15, 0, 16.5, NaN, -8])('refuses pictures of %d pixels', (imageSize) => {
    expect(() => resizePictures(config, weights, imageSize)).toThrow(
      new MapleError(`\`imageSize\` must be a multiple of the model's patch, 8 pixels. Received: ${imageSize}.`),
    );
  });
});
