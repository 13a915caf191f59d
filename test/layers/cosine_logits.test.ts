import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { cosineLogits } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

runLayerTest({
  name: 'cosineLogits',
  make: () => cosineLogits(),
  inputs: [{ shape: [3, 4] }, { shape: [5, 4], ownRows: true }],
  outputs: [[3, 5]],
  trainable: ['logit_scale'],
  expected: ([images, texts], weights) => {
    const scale = Math.exp(weights.logit_scale.arraySync() as number);
    const dot = (one: number[], other: number[]) => one.reduce((sum, value, i) => sum + value * other[i], 0);
    const cosine = (one: number[], other: number[]) => dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
    const features = texts.arraySync() as number[][];
    const rows = images.arraySync() as number[][];
    return [tf.tensor2d(rows.map((row) => features.map((feature) => scale * cosine(row, feature))))];
  },
  refusals: [
    [
      'images alone',
      () => cosineLogits().apply(tf.zeros([3, 4])),
      'cosineLogits takes 2 input(s) of rank 2, 2. Received: [[3,4]].',
    ],
    [
      'features of different widths',
      () => cosineLogits().apply([tf.zeros([3, 4]), tf.zeros([5, 6])]),
      'cosineLogits: image and text features must have the same width. Received: [[3,4],[5,6]].',
    ],
  ],
});

describe('cosineLogits', () => {
  test("starts from CLIP's temperature of 0.07", () => {
    const logits = cosineLogits();
    const features = tf.tensor2d([[2, 0]]);
    expect((logits.apply([features, features]) as tf.Tensor).dataSync()[0]).toBeCloseTo(1 / 0.07, 4);
  });
});
