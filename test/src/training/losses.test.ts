import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { chooseBackend } from '../../../src/node/backend.js';
import { crossEntropy, sigmoidLoss } from '../../../src/training/losses.js';
import { expectClose } from '../../helpers/close.js';

const LABELS = [
  [1, 0, 0],
  [0, 0, 1],
];
const LOGITS = [
  [2, -1, 0.5],
  [-3, 40, -60],
];

describe.each(['native', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    await chooseBackend(backend);
  });

  /** The loss and its gradient by the logits. */
  function lossOf(loss: typeof sigmoidLoss): [tf.Tensor, tf.Tensor] {
    const { value, grad } = tf.valueAndGrad((logits) => tf.mean(loss(tf.tensor2d(LABELS), logits)) as tf.Scalar)(
      tf.tensor2d(LOGITS),
    ) as { value: tf.Tensor; grad: tf.Tensor };
    return [value, grad];
  }

  test('the sigmoid loss is a yes or no of each class, summed over classes, the mean over the batch', () => {
    const [value, gradient] = lossOf(sigmoidLoss);
    const yes = (logit: number) => Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(0, -logit);
    const expected = (yes(2) + yes(1) + yes(-0.5) + yes(3) + yes(-40) + yes(-60)) / 2;
    expectClose(value, tf.scalar(expected), 1e-4);
    const share = (logit: number) => 1 / (1 + Math.exp(-logit));
    const slopes = LOGITS.map((row, i) => row.map((logit, j) => (share(logit) - LABELS[i][j]) / 2));
    expectClose(gradient, tf.tensor2d(slopes), 1e-6);
  });

  test('the cross-entropy is under a softmax over the classes', () => {
    const [value] = lossOf(crossEntropy);
    const of = (row: number[], right: number) => Math.log(row.reduce((sum, x) => sum + Math.exp(x - right), 0));
    expectClose(value, tf.scalar((of(LOGITS[0], 2) + of(LOGITS[1], -60)) / 2), 1e-4);
  });

  test('leave no tensor behind', () => {
    const labels = tf.tensor2d(LABELS);
    const logits = tf.tensor2d(LOGITS);
    const before = tf.memory().numTensors;
    tf.dispose([sigmoidLoss(labels, logits), crossEntropy(labels, logits)]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
