import { afterEach, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { PromptSgd } from '../../../src/training/sgd.js';
import { promptSgd, type PromptSgdArgs } from '../../../src/training/sgd.js';

const RATES = [1e-5, 0.1, 0.09, 0.06, 0.03];
const START = [0.5, -1.25, 2];
const gradientAt = (step: number, index: number) => Math.cos(1.3 * step + index) * (index + 0.5);

/** torch.optim.SGD in plain numbers: the first step's buffer is the gradient. */
function reference(start: number[], momentum: number, decay: number): number[] {
  const p = [...start];
  const buffer: number[] = [];
  RATES.forEach((rate, step) => {
    for (let i = 0; i < p.length; i++) {
      const g = gradientAt(step, i) + decay * p[i];
      buffer[i] = step === 0 ? g : momentum * buffer[i] + g;
      p[i] -= rate * buffer[i];
    }
  });
  return p;
}

function run(optimizer: PromptSgd, variable: tf.Variable, form: 'list' | 'map') {
  RATES.forEach((rate, step) => {
    optimizer.setLearningRate(rate);
    const tensor = tf.tensor1d(START.map((_, index) => gradientAt(step, index)));
    optimizer.applyGradients(form === 'list' ? [{ name: variable.name, tensor }] : { [variable.name]: tensor });
    tensor.dispose();
  });
}

/** Two dense layers, the first one frozen. */
function tinyModel(optimizer: tf.Optimizer) {
  const model = tfl.sequential();
  model.add(tfl.layers.dense({ units: 4, inputShape: [3], activation: 'tanh', trainable: false }));
  model.add(tfl.layers.dense({ units: 2, activation: 'softmax' }));
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  return model;
}

const xs = () => tf.tensor2d([1, 0, 2, -1, 1, 0.5, 0, 3, 1, 2, -2, 1], [4, 3]);
const ys = () => tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1], [4, 2]);
const values = (model: tfl.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);
const fit = (model: tfl.LayersModel) => model.fit(xs(), ys(), { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });

async function savedAndLoaded(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (saved) => {
    artifacts = saved;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
  });
  await model.save(handler, { includeOptimizer: true });
  return tfl.loadLayersModel(tf.io.fromMemory(artifacts as tf.io.ModelArtifacts));
}

afterEach(() => tf.disposeVariables());

describe('PromptSgd', () => {
  test.each<['list' | 'map', number, number]>([
    ['list', 0.9, 5e-4],
    ['map', 0.9, 0.3],
    ['list', 0.5, 0],
    ['map', 0, 0.1],
  ])('five steps give PyTorch numbers (%s, momentum %d, decay %d)', (form, momentum, weightDecay) => {
    const variable = tf.variable(tf.tensor1d(START));
    run(promptSgd({ learningRate: 1, momentum, weightDecay }), variable, form);
    const expected = reference(START, momentum, weightDecay);
    [...variable.dataSync()].forEach((value, index) => expect(value).toBeCloseTo(expected[index], 5));
  });

  test('trains the trainable weights of a compiled model and no other', async () => {
    const model = tinyModel(promptSgd({ learningRate: 0.1 }));
    const before = values(model);
    await fit(model);
    const after = values(model);
    const changed = model.weights.map((_, index) => before[index].some((value, i) => value !== after[index][i]));
    expect(model.weights.slice(0, 2)).toEqual(model.trainableWeights);
    expect(changed).toEqual([true, true, false, false]);
  });

  test('a saved and reloaded model continues as if it had not stopped', async () => {
    const model = tinyModel(promptSgd({ learningRate: 0.1, momentum: 0.8, weightDecay: 0.01 }));
    await fit(model);
    const loaded = await savedAndLoaded(model);
    expect(loaded.optimizer.getClassName()).toBe('MaplePromptSgd');
    expect(loaded.optimizer.getConfig()).toEqual({ learningRate: 0.1, momentum: 0.8, weightDecay: 0.01 });
    expect(loaded.optimizer.iterations).toBe(3);
    await fit(model);
    await fit(loaded);
    expect(values(loaded)).toEqual(values(model));
    expect(loaded.optimizer.iterations).toBe(6);
  });

  test('after a loss function, which tfjs cannot save, compiling anew with the loaded optimiser continues', async () => {
    const loss = tf.losses.softmaxCrossEntropy;
    const model = tinyModel(promptSgd({ learningRate: 0.1 }));
    model.compile({ optimizer: model.optimizer, loss });
    await fit(model);
    const loaded = await savedAndLoaded(model);
    loaded.compile({ optimizer: loaded.optimizer, loss });
    await fit(model);
    await fit(loaded);
    expect(values(loaded)).toEqual(values(model));
  });

  test('leaks nothing, and dispose frees everything', () => {
    const variable = tf.variable(tf.tensor1d(START));
    const before = tf.memory().numTensors;
    const optimizer = promptSgd({ learningRate: 0.1 });
    run(optimizer, variable, 'list');
    expect(tf.memory().numTensors).toBe(before + 1);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[Partial<PromptSgdArgs>, string]>([
    [{ learningRate: -1 }, '`learningRate` must be a number of 0 or more. Received: -1.'],
    [{ momentum: 1 }, '`momentum` must be in [0, 1). Received: 1.'],
    [{ weightDecay: NaN }, '`weightDecay` must be a number of 0 or more. Received: NaN.'],
  ])('refuses %o', (args, message) => {
    expect(() => promptSgd({ learningRate: 1, ...args })).toThrow(new MapleError(message));
  });
});
