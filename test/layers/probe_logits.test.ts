import * as tf from '@tensorflow/tfjs-core';
import { probeLogits } from '../../layers/index.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const unit = (row: number[]): number[] => row.map((value) => value / Math.hypot(...row));
const dot = (one: number[], other: number[]): number => one.reduce((sum, value, i) => sum + value * other[i], 0);

runLayerTest({
  name: 'probeLogits',
  make: () => probeLogits(),
  inputs: [{ shape: [3, 4] }, { shape: [5, 4], ownRows: true }],
  outputs: [[3, 5]],
  trainable: ['kernel', 'bias', 'text_scale'],
  expected: ([images, texts], weights) => {
    const features = (images.arraySync() as number[][]).map(unit);
    const kernel = weights.kernel.arraySync() as number[][];
    const bias = weights.bias.arraySync() as number[];
    const scale = weights.text_scale.arraySync() as number[];
    const ofTexts = (texts.arraySync() as number[][]).map(unit);
    const column = (c: number) => kernel.map((row) => row[c]);
    const logits = features.map((f) => ofTexts.map((text, c) => dot(f, column(c)) + bias[c] + scale[c] * dot(f, text)));
    return [tf.tensor2d(logits)];
  },
  refusals: [
    [
      'images alone',
      () => probeLogits().apply(tf.zeros([3, 4])),
      'probeLogits takes 2 input(s) of rank 2, 2. Received: [[3,4]].',
    ],
    [
      'features of different widths',
      () => probeLogits().apply([tf.zeros([3, 4]), tf.zeros([5, 6])]),
      'probeLogits: image features [B, d] and text features [classes, d] must have the same width, and the number of ' +
        'classes be known. Received: [[3,4],[5,6]].',
    ],
  ],
});
