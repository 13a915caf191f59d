import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { chooseBackend } from '../../../src/node/backend.js';
import { canonicalShapes } from '../../../src/weights/canonical.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { moments } from '../../helpers/moments.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';
import { tinySiglipConfig } from '../../helpers/tiny_siglip.js';

/** Wide enough for a deviation to be told to a few parts in a hundred. */
const SIZES = { vision: { width: 128, mlpWidth: 200 }, text: { width: 96, mlpWidth: 160 } };
const clip = randomWeights({ ...tinyConfig(SIZES), embedDim: 64 }, 1);
const siglip = randomWeights(tinySiglipConfig(SIZES), 1);

beforeAll(async () => {
  await chooseBackend('wasm');
});

async function drawn(source: typeof clip, name: string) {
  const { values } = await source.read(name);
  return tf.tidy(() => moments(tf.tensor1d(values)));
}

async function expectDraws(source: typeof clip, name: string, deviation: number, uniform: boolean): Promise<void> {
  const found = await drawn(source, name);
  expect(Math.abs(found.mean)).toBeLessThan(0.1 * deviation);
  expect(found.deviation / deviation).toBeCloseTo(1, 1);
  // A uniform distribution ends at sqrt(3) deviations; of thousands of normal values some lie beyond three.
  expect(found.largest / deviation > Math.sqrt(3) + 0.01).toBe(!uniform);
}

describe("initial values of a CLIP are OpenAI's", () => {
  test.each<[string, number, boolean]>([
    ['vision/patches/kernel', 1 / Math.sqrt(3 * 192), true],
    ['vision/positions/positions', 128 ** -0.5, false],
    ['vision/block_1/attention/qkv/kernel', 128 ** -0.5, false],
    ['vision/block_1/attention/out/kernel', 128 ** -0.5 / 2, false],
    ['vision/block_0/mlp/up/kernel', 256 ** -0.5, false],
    ['text/block_0/mlp/down/kernel', 96 ** -0.5 / 2, false],
    ['text/positions/positions', 0.01, false],
    ['text/token_embedding/embeddings', 0.02, false],
    ['text/projection/kernel', 96 ** -0.5, false],
  ])('%s: a deviation of %d', (name, deviation, uniform) => expectDraws(clip, name, deviation, uniform));

  test('the temperature is 0.07', async () => {
    expect((await clip.read('logits/logit_scale')).values[0]).toBeCloseTo(Math.log(1 / 0.07), 6);
  });
});

describe("initial values of SigLIP's form are big_vision's", () => {
  const glorot = (inputs: number, outputs: number) => Math.sqrt(2 / (inputs + outputs));
  test.each<[string, number, boolean]>([
    ['vision/patches/kernel', 1 / Math.sqrt(192), false],
    ['vision/positions/positions', 128 ** -0.5, false],
    ['vision/block_0/attention/qkv/kernel', glorot(128, 128), true],
    ['vision/block_1/attention/out/kernel', glorot(128, 128), true],
    ['vision/block_1/mlp/up/kernel', glorot(128, 200), true],
    ['vision/pool/probe', glorot(1, 128), true],
    ['vision/pool/attention/qkv/kernel', glorot(128, 128), true],
    ['vision/pool/mlp/down/kernel', glorot(200, 128), true],
    ['text/block_0/mlp/up/kernel', glorot(96, 160), true],
    ['text/positions/positions', 96 ** -0.5, false],
    ['text/token_embedding/embeddings', 96 ** -0.5, false],
    ['text/projection/kernel', 96 ** -0.5, false],
  ])('%s: a deviation of %d', (name, deviation, uniform) => expectDraws(siglip, name, deviation, uniform));

  test('the logits start from a temperature of 10 and a bias of -10', async () => {
    expect((await siglip.read('logits/logit_scale')).values[0]).toBeCloseTo(Math.log(10), 6);
    expect((await siglip.read('logits/logit_bias')).values).toEqual(Float32Array.of(-10));
  });

  test('every weight is drawn or constant: gains ones, shifts and biases zeros', async () => {
    for (const name of canonicalShapes(tinySiglipConfig(SIZES)).keys()) {
      const { deviation } = await drawn(siglip, name);
      const isConstant = /\/(gamma|beta|bias)$|^logits\//.test(name);
      expect([name, deviation === 0]).toEqual([name, isConstant]);
    }
    expect(new Set((await siglip.read('vision/pool/norm/gamma')).values)).toEqual(new Set([1]));
    expect(new Set((await siglip.read('vision/patches/bias')).values)).toEqual(new Set([0]));
  });
});
