import { afterEach, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { PassThrough } from 'node:stream';
import { TrainingProgress } from '../../../src/node/training_progress.js';
import { NanGuard } from '../../../src/training/nan_guard.js';

function fakeStream(isTTY: boolean) {
  const chunks: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 160 });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, text: () => chunks.join('') };
}

function train(progress: TrainingProgress, change: Partial<tfl.ModelFitArgs> = {}, spoilt = false) {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 2, inputShape: [1], activation: 'softmax', kernelInitializer: 'zeros' })],
  });
  model.compile({ optimizer: tf.train.sgd(0), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const xs = tf.tensor2d([1, 2, 3, 4, 5, spoilt ? NaN : 6], [6, 1]);
  const ys = tf.oneHot(tf.tensor1d([0, 0, 1, 0, 0, 1], 'int32'), 2);
  return model.fit(xs, tf.cast(ys, 'float32'), {
    epochs: 2,
    batchSize: 2,
    shuffle: false,
    verbose: 0,
    callbacks: [new NanGuard(), progress],
    ...change,
  });
}

afterEach(() => tf.disposeVariables());

describe('TrainingProgress', () => {
  test('shows epoch, batch, mean loss and accuracy, and time, over the whole fit', async () => {
    const { stream, text } = fakeStream(false);
    const progress = new TrainingProgress('Tuning', { stream });
    const history = await progress.watch(train(progress));
    expect(history.epoch).toEqual([0, 1]);
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    // Both classes are always as likely: the loss is ln 2, and the first one is chosen.
    expect(lines[1]).toMatch(
      /^Tuning {3}16% {2}1\/6 {2}epoch 1\/2 {2}batch 1\/3 {2}loss 0\.6931 {2}accuracy 100\.0% {2}0:00 left$/,
    );
    expect(lines[3]).toMatch(/ 50% {2}3\/6 {2}epoch 1\/2 {2}batch 3\/3 {2}loss 0\.6931 {2}accuracy 66\.7% /);
    expect(lines[6]).toMatch(/100% {2}6\/6 {2}epoch 2\/2 {2}batch 3\/3 .* in all$/);
  });

  test('a resumed training counts only what is left', async () => {
    const { stream, text } = fakeStream(false);
    const progress = new TrainingProgress('Tuning', { stream });
    await progress.watch(train(progress, { initialEpoch: 1 }));
    expect(text().trimEnd().split('\n')[3]).toMatch(/100% {2}3\/3 {2}epoch 2\/2 /);
  });

  test.each([false, true])('ends the bar when training throws (terminal: %s)', async (isTTY) => {
    const { stream, text } = fakeStream(isTTY);
    const progress = new TrainingProgress('Tuning', { stream });
    await expect(progress.watch(train(progress, {}, true))).rejects.toThrow('The loss must be a finite number.');
    expect(text()).toContain('2/6');
    expect(text().endsWith('\n')).toBe(true);
    const before = text();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(text()).toBe(before);
  });

  test('a second run gets a bar of its own', async () => {
    const { stream, text } = fakeStream(false);
    const progress = new TrainingProgress('Tuning', { stream });
    await progress.watch(train(progress));
    await progress.watch(train(progress));
    expect(text().match(/ 0% {2}0\/6/g)).toHaveLength(2);
  });
});
