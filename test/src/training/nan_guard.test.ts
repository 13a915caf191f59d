import { expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import { NanGuard } from '../../../src/training/nan_guard.js';
import { promptSgd } from '../../../src/training/sgd.js';

function fit(learningRate: number, spoiltRow?: number) {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: promptSgd({ learningRate }), loss: 'meanSquaredError' });
  const values = [1, 2, 3, 4];
  const xs = tf.tensor2d(values, [4, 1]);
  const ys = tf.tensor2d(
    values.map((value, row) => (row === spoiltRow ? NaN : value)),
    [4, 1],
  );
  return model.fit(xs, ys, { epochs: 2, batchSize: 1, shuffle: false, verbose: 0, callbacks: [new NanGuard()] });
}

test('leaves a healthy training alone', async () => {
  expect((await fit(0.01)).epoch).toEqual([0, 1]);
});

test('stops at the batch that spoils the loss, and says what to do', async () => {
  const failure = fit(0.01, 2);
  await expect(failure).rejects.toThrow(MapleError);
  await expect(failure).rejects.toThrow(
    /Received: NaN in epoch 0, batch 2 .* at learning rate 0\.01\..*train with a lower learning rate/,
  );
});

test('stops when the loss runs away', async () => {
  await expect(fit(1e20)).rejects.toThrow(/Received: (Infinity|NaN) in epoch 0/);
});
