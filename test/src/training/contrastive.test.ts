import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { buildTowers, loadTowers, towerVariables, type ClipTowers } from '../../../src/clip/build_towers.js';
import { SIGLIP_FORM } from '../../../src/clip/siglip_form.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { adamW } from '../../../src/training/adamw.js';
import { contrastiveStep, pairwiseSigmoidLoss } from '../../../src/training/contrastive.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const PAIRS = 3;

describe("contrastive training of towers in SigLIP's form", () => {
  const form = tinyConfig({
    embedDim: 32,
    vision: SIGLIP_FORM.vision,
    text: { contextLength: 6, ...SIGLIP_FORM.text },
  });
  let towers: ClipTowers;
  let images: tf.Tensor4D;
  let ids: tf.Tensor2D;

  const optimizer = () => adamW({ learningRate: 0.01, clipNorm: 1 });
  const numbers = (index: number): number => towers.logits.weights[index].read().dataSync()[0];

  beforeAll(async () => {
    await chooseBackend('wasm');
    towers = buildTowers({ ...form, logitBias: true });
    images = tf.randomNormal([PAIRS, 16, 16, 3], 0, 1, 'float32', 3);
    ids = tf.tensor2d([5, 9, 2, 0, 0, 0, 7, 2, 0, 0, 0, 0, 30, 31, 32, 33, 34, 2], [PAIRS, 6], 'int32');
  });
  afterEach(async () => {
    await loadTowers(towers, randomWeights(towers.config, 1));
  });

  test('starts from a temperature of 10 and a bias of -10', async () => {
    await loadTowers(towers, randomWeights(towers.config, 1));
    expect(Math.exp(numbers(0))).toBeCloseTo(10, 4);
    expect(numbers(1)).toBe(-10);
  });

  test('the pairwise sigmoid loss is equation 1, written out', () => {
    const rows = (tower: 'image' | 'text', input: tf.Tensor): number[][] => {
      const features = (towers[tower].predict(input) as tf.Tensor2D).arraySync();
      return features.map((row) => row.map((value) => value / Math.hypot(...row)));
    };
    const [pictures, texts] = [rows('image', images), rows('text', ids)];
    // A temperature and a bias at which every pair counts.
    towers.logits.setWeights([tf.scalar(Math.log(3)), tf.scalar(-0.5)]);
    let sum = 0;
    pictures.forEach((picture, i) =>
      texts.forEach((text, j) => {
        const logit = 3 * picture.reduce((dot, value, at) => dot + value * text[at], 0) - 0.5;
        sum -= Math.log(1 / (1 + Math.exp((i === j ? -1 : 1) * logit)));
      }),
    );
    const loss = pairwiseSigmoidLoss(towers, images, ids).dataSync()[0];
    expect(loss).toBeCloseTo(sum / PAIRS, 4);
  });

  test('steps lower it, train temperature and bias, and leave no tensor', () => {
    const adam = optimizer();
    const start = numbers(1);
    const losses = [contrastiveStep(towers, adam, images, ids, 'sigmoid')];
    const before = tf.memory().numTensors;
    for (let step = 0; step < 12; step++) {
      losses.push(contrastiveStep(towers, adam, images, ids, 'sigmoid'));
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(losses[12]).toBeLessThan(0.5 * losses[0]);
    expect(numbers(1)).toBeGreaterThan(start);
    expect(towerVariables(towers).every((weight) => weight.read().isDisposed === false)).toBe(true);
    adam.dispose();
  });

  test('the temperature is clipped with the softmax, and free with the sigmoid', () => {
    const after = (loss: 'softmax' | 'sigmoid'): number => {
      towers.logits.setWeights([tf.scalar(Math.log(200)), tf.scalar(-10)]);
      const adam = optimizer();
      contrastiveStep(towers, adam, images, ids, loss);
      adam.dispose();
      return numbers(0);
    };
    expect(after('softmax')).toBeCloseTo(Math.log(100), 5);
    expect(Math.abs(after('sigmoid') - Math.log(200))).toBeLessThan(0.02);
  });
});
