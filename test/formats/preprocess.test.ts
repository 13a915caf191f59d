import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Picture } from '../../src/data/picture.js';
import { testTransform } from '../../src/data/preprocess.js';
import { preprocessTensor } from '../../src/data/preprocess_tensor.js';
import { chooseBackend } from '../../src/node/backend.js';
import { readPicture } from '../../src/node/pictures.js';
import { fixturePath, readJsonFixture } from '../helpers/fixtures.js';

const { size, cases } = readJsonFixture<{ size: number; cases: Record<string, string> }>('preprocess', 'manifest.json');

/** Bytes again, so that the result can be set against Pillow's. */
const BYTES = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] } as const;

const paths: Record<string, (picture: Picture) => ArrayLike<number>> = {
  'picture by picture': (picture) => testTransform(picture, size).data,
  'as tensors': (picture) => tf.tidy(() => preprocessTensor(picture, size, BYTES).dataSync().map(Math.round)),
};

describe.each(Object.keys(paths))('preprocessing %s', (path) => {
  beforeAll(async () => {
    await chooseBackend('wasm');
  });

  test.each(Object.entries(cases))('%s comes out as from Pillow', async (name, expectedName) => {
    const actual = paths[path](await readPicture(fixturePath('preprocess', name)));
    const { width, height, data } = await readPicture(fixturePath('preprocess', expectedName));
    expect([width, height, actual.length]).toEqual([size, size, data.length]);
    let [largest, total] = [0, 0];
    for (let at = 0; at < data.length; at++) {
      const difference = Math.abs(actual[at] - data[at]);
      largest = Math.max(largest, difference);
      total += difference;
    }
    // A JPEG decoder may round differently from Pillow's; everything else is the same byte for byte.
    const lossless = /\.(png|gif|bmp)$/i.test(name);
    expect(largest).toBeLessThanOrEqual(lossless ? 0 : 6);
    expect(total / data.length).toBeLessThanOrEqual(1);
  });
});
