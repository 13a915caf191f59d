import { describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import { learningRateAt, LearningRateSchedule, type ScheduleSettings } from '../../../src/training/schedule.js';
import { promptSgd } from '../../../src/training/sgd.js';

const MAPLE = { learningRate: 0.0035, epochs: 5 };

function rates(settings: ScheduleSettings): number[] {
  return Array.from({ length: settings.epochs }, (_, epoch) => learningRateAt(epoch, settings));
}

describe('learningRateAt', () => {
  test('gives the rates that the official runs printed', () => {
    const printed = [1e-5, 0.0035, 0.0031658, 0.0022908, 0.0012092];
    rates(MAPLE).forEach((rate, epoch) => expect(rate).toBeCloseTo(printed[epoch], 7));
    expect(rates({ learningRate: 0.0026, epochs: 2 })).toEqual([1e-5, 0.0026]);
  });

  test('takes another warm-up rate', () => {
    expect(rates({ ...MAPLE, warmupLearningRate: 0.002 })[0]).toBe(0.002);
  });

  test.each<[number, Partial<ScheduleSettings>, string]>([
    [-1, {}, '`epoch` must be an integer of 0 or more. Received: -1.'],
    [0, { epochs: 0 }, '`epochs` must be a positive integer. Received: 0.'],
    [0, { learningRate: NaN }, '`learningRate` must be a positive number. Received: NaN.'],
    [0, { warmupLearningRate: -1 }, '`warmupLearningRate` must be a number of 0 or more. Received: -1.'],
  ])('refuses epoch %d with %o', (epoch, settings, message) => {
    expect(() => learningRateAt(epoch, { ...MAPLE, ...settings })).toThrow(new MapleError(message));
  });
});

describe('LearningRateSchedule', () => {
  function model(optimizer: tf.Optimizer) {
    const result = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1], useBias: false })] });
    result.compile({ optimizer, loss: 'meanAbsoluteError' });
    result.setWeights([tf.tensor2d([[0]])]);
    return result;
  }
  const fit = (trained: tfl.LayersModel, schedule: LearningRateSchedule, initialEpoch = 0) =>
    trained.fit(tf.tensor2d([[1]]), tf.tensor2d([[1]]), {
      epochs: 5,
      initialEpoch,
      verbose: 0,
      callbacks: [schedule],
    });

  test('each epoch of fit moves the weight by its own rate', async () => {
    const schedule = new LearningRateSchedule(MAPLE);
    const trained = model(promptSgd({ learningRate: 1, momentum: 0, weightDecay: 0 }));
    await fit(trained, schedule);
    expect(schedule.history).toEqual(rates(MAPLE));
    // The gradient of |w - 1| is -1, so that the weight is the sum of the rates.
    expect(trained.getWeights()[0].dataSync()[0]).toBeCloseTo(rates(MAPLE).reduce((sum, rate) => sum + rate));
    expect(trained.optimizer.getConfig().learningRate).toBe(rates(MAPLE)[4]);
  });

  test('a resumed run begins at its epoch’s rate', async () => {
    const schedule = new LearningRateSchedule((epoch) => 0.1 * (epoch + 1));
    const trained = model(tf.train.sgd(1));
    await fit(trained, schedule, 3);
    expect(trained.getWeights()[0].dataSync()[0]).toBeCloseTo(0.9);
  });

  test('refuses bad settings at once, and an optimiser whose rate is fixed', async () => {
    expect(() => new LearningRateSchedule({ ...MAPLE, epochs: 1.5 })).toThrow('`epochs` must be a positive integer');
    await expect(fit(model(tf.train.adam(1)), new LearningRateSchedule(MAPLE))).rejects.toThrow(
      '`optimizer` must be one with setLearningRate, such as promptSgd, adamW or tf.train.sgd. Received: "Adam".',
    );
  });
});
