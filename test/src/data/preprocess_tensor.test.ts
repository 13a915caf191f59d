import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { CLIP_IMAGE_STATISTICS, type ImageStatistics } from '../../../src/clip/config.js';
import type { Picture } from '../../../src/data/picture.js';
import { testTransform, toFloat } from '../../../src/data/preprocess.js';
import { preprocessTensor, type PixelData } from '../../../src/data/preprocess_tensor.js';
import { readPicture } from '../../../src/node/pictures.js';
import { Random } from '../../../src/random.js';
import { ownFixturePath, readOwnFixture } from '../../helpers/fixtures.js';

/** Bytes again, so that the result can be set against Pillow's. */
const BYTES = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] } as const;

const own = readOwnFixture<{ at_224: Record<string, string> }>('pictures', 'manifest.json').at_224;
const cases = Object.entries(own)
  .map((names) => names.map((name) => ownFixturePath('pictures', name)))
  .map(([path, expected]) => [path.split('/').at(-1) as string, path, expected] as const);

function noise(width: number, height: number, channels = 3): Uint8Array {
  const random = new Random(width * 1000 + height);
  return Uint8Array.from({ length: width * height * channels }, () => random.integer(256));
}

type Resizing = Pick<ImageStatistics, 'fit' | 'filter'>;

function bytes(pixels: tf.Tensor3D | PixelData, size: number, resizing: Resizing = {}): number[] {
  return tf.tidy(() => Array.from(preprocessTensor(pixels, size, { ...BYTES, ...resizing }).dataSync(), Math.round));
}

describe('preprocessTensor', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });

  test.each(cases)('%s comes out as from Pillow', async (name, path, expectedPath) => {
    const { width, height, data } = await readPicture(path);
    const expected = await readPicture(expectedPath);
    const pixels = tf.tensor3d(Int32Array.from(data), [height, width, 3], 'int32');
    const differences = bytes(pixels, 224).map((value, at) => Math.abs(value - expected.data[at]));
    pixels.dispose();
    const largest = differences.reduce((most, value) => Math.max(most, value), 0);
    // Only a JPEG may have been decoded in another way.
    expect(largest).toBeLessThanOrEqual(name.endsWith('.jpg') ? 6 : 0);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThanOrEqual(1);
  });
});

describe.each(['cpu', 'wasm'])('preprocessTensor on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test.each([
    [130, 190, 64],
    [37, 500, 48],
    [64, 64, 64],
    [7, 5, 33],
    [1, 9, 4],
  ])('%i x %i noise to %i equals testTransform in every byte', (width, height, size) => {
    const picture: Picture = { width, height, data: noise(width, height) };
    expect(bytes(picture, size)).toEqual(Array.from(testTransform(picture, size).data));
  });

  test.each([
    [130, 190, 64],
    [37, 500, 48],
    [500, 37, 48],
    [7, 5, 33],
  ])('%i x %i noise to %i equals testTransform by every fit and filter', (width, height, size) => {
    const picture: Picture = { width, height, data: noise(width, height) };
    for (const fit of ['crop', 'squash'] as const) {
      for (const filter of ['bicubic', 'bilinear'] as const) {
        const expected = Array.from(testTransform(picture, size, { fit, filter }).data);
        expect([fit, filter, bytes(picture, size, { fit, filter })]).toEqual([fit, filter, expected]);
      }
    }
  });

  test("normalises by the statistics, CLIP's if none are given", () => {
    const picture: Picture = { width: 20, height: 30, data: noise(20, 30) };
    const images = preprocessTensor(picture, 8);
    const expected = toFloat([testTransform(picture, 8)], CLIP_IMAGE_STATISTICS);
    expect(images.shape).toEqual([1, 8, 8, 3]);
    images.dataSync().forEach((value, at) => expect(value).toBeCloseTo(expected[at], 5));
    images.dispose();
  });

  test('leaves nothing but its result', () => {
    const pixels = tf.tensor3d(Array.from(noise(30, 20)), [20, 30, 3], 'int32');
    const count = tf.memory().numTensors;
    const images = preprocessTensor(pixels, 16);
    expect(tf.memory().numTensors).toBe(count + 1);
    expect(pixels.isDisposed).toBe(false);
    tf.dispose([pixels, images]);
  });

  test('drops transparency, as ImageData has it, and takes floats', () => {
    const data = noise(9, 6, 4);
    const clamped = { width: 9, height: 6, data: new Uint8ClampedArray(data) };
    const colours = data.filter((_, at) => at % 4 !== 3);
    const expected = Array.from(testTransform({ width: 9, height: 6, data: colours }, 5).data);
    expect(bytes(clamped, 5)).toEqual(expected);
    const floats = tf.tensor3d(Float32Array.from(colours), [6, 9, 3]);
    expect(bytes(floats, 5)).toEqual(expected);
    floats.dispose();
  });
});

describe('preprocessTensor', () => {
  test('names what is wrong', () => {
    const pixels = tf.zeros<tf.Rank.R3>([4, 5, 2]);
    expect(() => preprocessTensor(pixels, 4)).toThrow('`pixels` must be of shape [height, width, 3]');
    expect(() => preprocessTensor(pixels, 0.5)).toThrow('`size` must be a positive integer. Received: 0.5.');
    expect(() => preprocessTensor({ width: 4, height: 5, data: new Uint8Array(21) }, 4)).toThrow(
      '`pixels` must hold 3 or 4 values a pixel. Received: 21 values for 4 x 5 pixels.',
    );
    const picture = { width: 1, height: 1, data: new Uint8Array(3) };
    expect(() => preprocessTensor(picture, 4, { ...BYTES, fit: 'pad' as never })).toThrow(
      '`fit` must be crop or squash. Received: "pad".',
    );
    expect(() => preprocessTensor(picture, 4, { ...BYTES, filter: 'nearest' as never })).toThrow(
      '`filter` must be bicubic or bilinear. Received: "nearest".',
    );
    expect(() => preprocessTensor(tf.zeros([1, 4, 5, 3]) as never, 4)).toThrow('Received: [1, 4, 5, 3].');
    pixels.dispose();
  });
});
