import '@tensorflow/tfjs-backend-cpu';
import { beforeEach, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as layers from '../../layers/index.js';
import { chooseBackend } from '../../src/node/backend.js';
import { largestDifference } from '../helpers/close.js';
import { saveAndLoad } from '../helpers/layer_probe.js';

const [LENGTH, WIDTH] = [6, 8];

/** The layers as a tfjs user adds them: a prompt between two frozen blocks. */
function promptedModel(): tfl.Sequential {
  const model = tfl.sequential();
  const block = { heads: 2, mlpWidth: 16, trainable: false };
  model.add(layers.transformerBlock({ ...block, name: 'first', seed: 1, inputShape: [LENGTH, WIDTH] }));
  model.add(layers.deepTextPrompt({ length: 2, name: 'prompt', seed: 2 }));
  model.add(layers.transformerBlock({ ...block, name: 'second', seed: 3, query: 'first' }));
  model.add(tfl.layers.dense({ name: 'head', units: 3, trainable: false }));
  return model;
}

describe.each(['cpu', 'wasm'])('tf.sequential with a prompt between two blocks, on %s', (backend) => {
  beforeEach(async () => {
    tf.env().set('PROD', true);
    await (backend === 'wasm' ? chooseBackend('wasm') : tf.setBackend(backend));
  });

  const x = () => tf.randomNormal([10, LENGTH, WIDTH], 0, 1, 'float32', 5);
  const y = () => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2, 0], 'int32'), 3);
  const values = (model: tfl.LayersModel) =>
    model.weights.map((weight): [string, number[]] => [weight.originalName, Array.from(weight.read().dataSync())]);
  const compile = (model: tfl.LayersModel) =>
    model.compile({
      optimizer: tf.train.adam(0.05),
      loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
    });

  test('fit lowers the loss by moving the prompt, and nothing else', async () => {
    const model = promptedModel();
    expect(model.outputs[0].shape).toEqual([null, 3]);
    expect(model.trainableWeights.map(({ originalName }) => originalName)).toEqual(['prompt/prompt']);
    const before = values(model);
    compile(model);
    const { history } = await model.fit(x(), y(), { epochs: 8, batchSize: 5, shuffle: false, verbose: 0 });
    const losses = history.loss as number[];
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    const after = new Map(values(model));
    const changed = before.filter(([name, entries]) => entries.some((value, i) => value !== after.get(name)?.[i]));
    expect(changed.map(([name]) => name)).toEqual(['prompt/prompt']);
  });

  test('what was trained comes back from a save, to the same numbers, and trains on', async () => {
    const model = promptedModel();
    compile(model);
    await model.fit(x(), y(), { epochs: 1, verbose: 0 });
    const loaded = await saveAndLoad(model);
    const pictures = x();
    expect(largestDifference(loaded.predict(pictures) as tf.Tensor, model.predict(pictures) as tf.Tensor)).toBe(0);
    expect(loaded.trainableWeights.map(({ originalName }) => originalName)).toEqual(['prompt/prompt']);
    const before = values(loaded);
    compile(loaded);
    await loaded.fit(pictures, y(), { epochs: 1, verbose: 0 });
    const after = new Map(values(loaded));
    const moved = before.filter(([name, entries]) => entries.some((value, i) => value !== after.get(name)?.[i]));
    expect(moved.map(([name]) => name)).toEqual(['prompt/prompt']);
  });

  test('fit and predict leave no tensor behind, and dispose frees the weights', async () => {
    const [inputs, labels] = [x(), y()];
    const empty = tf.memory().numTensors;
    const model = promptedModel();
    const optimizer = tf.train.sgd(0.1);
    model.compile({ optimizer, loss: (target, logits) => tf.losses.softmaxCrossEntropy(target, logits) });
    await model.fit(inputs, labels, { epochs: 1, verbose: 0 });
    const held = tf.memory().numTensors;
    await model.fit(inputs, labels, { epochs: 3, batchSize: 4, verbose: 0 });
    tf.dispose(model.predict(inputs, { batchSize: 3 }));
    expect(tf.memory().numTensors).toBe(held);
    model.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(empty);
  });
});
