import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { CLIP_IMAGE_STATISTICS, SIGLIP_IMAGE_STATISTICS, type ImageStatistics } from '../../../src/clip/config.js';
import type { Picture } from '../../../src/data/picture.js';
import { testTransform, toFloat } from '../../../src/data/preprocess.js';
import { resize } from '../../../src/data/resize.js';
import { readPicture } from '../../../src/node/pictures.js';
import { statisticsFromPreprocessor } from '../../../src/weights/preprocessor_config.js';
import { ownFixturePath, readOwnFixture } from '../../helpers/fixtures.js';

/** What Pillow and transformers make of pictures; see the fixtures' own README. */
const { step, resized, crops, values } = readOwnFixture<{
  step: number;
  resized: Record<string, Record<string, string>>;
  crops: Record<string, string>;
  values: Record<string, Record<string, number[]>>;
}>('resizing', 'manifest.json');

function digest({ data }: Picture): string {
  return createHash('sha256').update(data).digest('hex');
}

describe('testTransform', () => {
  const square: Picture = { width: 3, height: 3, data: new Uint8Array(27) };

  test.each(Object.keys(resized))('%s comes out as from Pillow in every byte', async (name) => {
    const picture = await readPicture(ownFixturePath(name));
    for (const [how, expected] of Object.entries(resized[name])) {
      const [fit, filter, size] = how.split(' ');
      const ours = testTransform(picture, Number(size), { fit, filter } as ImageStatistics);
      expect([how, digest(ours)]).toEqual([how, expected]);
    }
  });

  test('cuts out the centre or takes in all, by the fit', () => {
    // Red at the left, green in the middle, blue at the right.
    const data = Uint8Array.from({ length: 12 * 4 * 3 }, (_, at) => {
      const column = Math.floor(at / 3) % 12;
      return at % 3 === Math.floor(column / 4) ? 255 : 0;
    });
    const wide: Picture = { width: 12, height: 4, data };
    expect(testTransform(wide, 4).data).toEqual(testTransform(wide, 4, { fit: 'crop', filter: 'bicubic' }).data);
    expect(testTransform(wide, 4).data).toEqual(Uint8Array.from({ length: 48 }, (_, at) => (at % 3 === 1 ? 255 : 0)));
    const all = testTransform(wide, 3, { fit: 'squash' });
    const strongest = [0, 1, 2].map((column) => {
      const pixel = [...all.data.subarray(column * 3, column * 3 + 3)];
      return pixel.indexOf(Math.max(...pixel));
    });
    expect([all.width, all.height, strongest]).toEqual([3, 3, [0, 1, 2]]);
  });

  test('names a size, fit or filter that cannot be', () => {
    expect(() => testTransform(square, 0, { fit: 'squash' })).toThrow('must be a positive integer. Received: 0.');
    expect(() => testTransform(square, 2, { fit: 'longest' as never })).toThrow(
      '`fit` must be crop or squash. Received: "longest".',
    );
    expect(() => testTransform(square, 2, { filter: 'lanczos' as never })).toThrow(
      '`filter` must be bicubic or bilinear. Received: "lanczos".',
    );
  });
});

describe('a box of a picture', () => {
  test.each(Object.entries(crops))('%s comes out as from Pillow in every byte', async (how, expected) => {
    const [filter, ...numbers] = how.split(' ');
    const [left, top, width, height] = numbers.map(Number);
    const picture = await readPicture(ownFixturePath('pictures', 'rgb.png'));
    const box = { left, top, width, height };
    expect(digest(resize(picture, 48, 48, box, filter as ImageStatistics['filter']))).toBe(expected);
  });
});

describe('toFloat', () => {
  const white: Picture = { width: 2, height: 1, data: Uint8Array.from([255, 255, 255, 0, 0, 0]) };

  test('normalises by channel', () => {
    const floats = toFloat([white, white], CLIP_IMAGE_STATISTICS);
    expect(floats).toHaveLength(12);
    const { mean, deviation } = CLIP_IMAGE_STATISTICS;
    for (let channel = 0; channel < 3; channel++) {
      expect(floats[6 + channel]).toBeCloseTo((1 - mean[channel]) / deviation[channel], 5);
      expect(floats[9 + channel]).toBeCloseTo(-mean[channel] / deviation[channel], 5);
    }
    expect(Array.from(toFloat([white], SIGLIP_IMAGE_STATISTICS))).toEqual([1, 1, 1, -1, -1, -1]);
  });

  test.each(Object.keys(values))("%s: pictures come out as from transformers' processor", async (file) => {
    const name = `${file}.preprocessor_config.json`;
    const json = readOwnFixture<object>('resizing', name);
    const statistics = statisticsFromPreprocessor(name, json, { imageSize: 224, from: 'config.json' });
    for (const [path, expected] of Object.entries(values[file])) {
      const picture = testTransform(await readPicture(ownFixturePath(path)), 224, statistics);
      const floats = toFloat([picture], statistics).filter((_, at) => at % step === 0);
      expect(floats).toHaveLength(expected.length);
      floats.forEach((value, at) => expect(Math.abs(value - expected[at])).toBeLessThan(2e-6));
    }
  });

  test('takes pictures of one size only', () => {
    const tall = { width: 1, height: 2, data: white.data };
    expect(() => toFloat([white, tall], CLIP_IMAGE_STATISTICS)).toThrow('picture 0 is 2 x 1, picture 1 is 1 x 2');
    expect(toFloat([], CLIP_IMAGE_STATISTICS)).toHaveLength(0);
  });
});
