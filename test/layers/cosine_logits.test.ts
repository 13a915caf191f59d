import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { cosineLogits } from '../../layers/index.js';
import { savedWithout } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';

/** exp(scale) times the cosine of one feature with another. */
function logit(weights: Record<string, tf.Tensor>): (one: number[], other: number[]) => number {
  const scale = Math.exp(weights.logit_scale.arraySync() as number);
  const dot = (one: number[], other: number[]) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  return (one, other) => (scale * dot(one, other)) / Math.sqrt(dot(one, one) * dot(other, other));
}

runLayerTest({
  name: 'cosineLogits',
  make: () => cosineLogits(),
  inputs: [{ shape: [3, 4] }, { shape: [5, 4], ownRows: true }],
  outputs: [[3, 5]],
  trainable: ['logit_scale'],
  expected: ([images, texts], weights) => {
    const features = texts.arraySync() as number[][];
    const rows = images.arraySync() as number[][];
    return [tf.tensor2d(rows.map((row) => features.map((feature) => logit(weights)(row, feature))))];
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

runLayerTest({
  name: 'cosineLogits of images that have texts of their own',
  make: () => cosineLogits({ classes: 2 }),
  inputs: [{ shape: [3, 4] }, { shape: [6, 4], rowsPerSample: 2 }],
  outputs: [[3, 2]],
  trainable: ['logit_scale'],
  expected: ([images, texts], weights) => {
    const features = texts.arraySync() as number[][];
    const rows = images.arraySync() as number[][];
    const own = (row: number) => [features[2 * row], features[2 * row + 1]];
    return [tf.tensor2d(rows.map((row, i) => own(i).map((feature) => logit(weights)(row, feature))))];
  },
  refusals: [
    [
      'no classes',
      () => cosineLogits({ classes: 0 }),
      'cosineLogits: `classes` must be an integer of at least 1. Received: 0.',
    ],
    [
      'another number of texts than images times classes',
      () => cosineLogits({ classes: 2 }).apply([tf.zeros([3, 4]), tf.zeros([5, 4])]),
      'cosineLogits: 3 images of 2 classes need 6 text features. Received: [[3,4],[5,4]].',
    ],
  ],
});

runLayerTest({
  name: 'cosineLogits with a bias',
  make: () => cosineLogits({ useBias: true }),
  inputs: [{ shape: [3, 4] }, { shape: [5, 4], ownRows: true }],
  outputs: [[3, 5]],
  trainable: ['logit_scale', 'logit_bias'],
  expected: ([images, texts], weights) => {
    const bias = weights.logit_bias.arraySync() as number;
    const features = texts.arraySync() as number[][];
    const rows = images.arraySync() as number[][];
    return [tf.tensor2d(rows.map((row) => features.map((feature) => logit(weights)(row, feature) + bias)))];
  },
});

runLayerTest({
  name: 'cosineLogits with a bias, of images that have texts of their own',
  make: () => cosineLogits({ classes: 2, useBias: true }),
  inputs: [{ shape: [3, 4] }, { shape: [6, 4], rowsPerSample: 2 }],
  outputs: [[3, 2]],
  trainable: ['logit_scale', 'logit_bias'],
  expected: ([images, texts], weights) => {
    const bias = weights.logit_bias.arraySync() as number;
    const features = texts.arraySync() as number[][];
    const rows = images.arraySync() as number[][];
    const own = (row: number) => [features[2 * row], features[2 * row + 1]];
    return [tf.tensor2d(rows.map((row, i) => own(i).map((feature) => logit(weights)(row, feature) + bias)))];
  },
});

describe('cosineLogits', () => {
  test("starts with SigLIP's bias of -10, where it has one", () => {
    const features = tf.tensor2d([[2, 0]]);
    const logits = cosineLogits({ useBias: true }).apply([features, features]) as tf.Tensor;
    expect(logits.dataSync()[0]).toBeCloseTo(1 / 0.07 - 10, 4);
  });

  test('saved before it could have a bias comes back without', () => {
    const layer = savedWithout(cosineLogits({ name: 'logits' }), 'useBias');
    layer.apply([tf.ones([2, 4]), tf.ones([3, 4])]);
    expect(layer.weights.map(({ originalName }) => originalName)).toEqual(['logits/logit_scale']);
  });

  test("starts from CLIP's temperature of 0.07", () => {
    const logits = cosineLogits();
    const features = tf.tensor2d([[2, 0]]);
    expect((logits.apply([features, features]) as tf.Tensor).dataSync()[0]).toBeCloseTo(1 / 0.07, 4);
  });
});
