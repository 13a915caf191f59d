import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { recipes } from '../../../src/training/recipe.js';
import { tunePrompts } from '../../../src/training/tune_prompts.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

describe('tunePrompts', () => {
  const { classNames, train } = tinyDataset();
  const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 3, depth: 2 };
  let backbone: Backbone;

  const build = (method: Method = 'maple', seed = 1): Promise<LayersModel> =>
    buildClip(backbone, { classNames, design: promptDesign(method, backbone.config), seed });
  const values = (model: LayersModel, trainable: boolean) =>
    (trainable ? model.trainableWeights : model.nonTrainableWeights).map((weight) => [
      weight.originalName,
      Array.from(weight.read().dataSync()),
    ]);

  beforeAll(async () => {
    await chooseBackend('wasm');
    backbone = await tinyBackbone();
  });
  afterEach(() => tf.disposeVariables());

  test('changes every prompt and coupler and nothing else, and lowers the loss', async () => {
    const model = await build();
    const [learned, frozen] = [values(model, true), values(model, false)];
    const history = await tunePrompts({ model, examples: train, recipe });
    expect(history.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(history.map(({ learningRate }) => learningRate)).toEqual([1e-5, 0.02, expect.closeTo(0.015, 10)]);
    expect(history[2].loss).toBeLessThan(history[0].loss);
    values(model, true).forEach((weight, index) => expect(weight).not.toEqual(learned[index]));
    expect(values(model, false)).toEqual(frozen);
  });

  test('repeats to the last bit from one seed, and differs from another', async () => {
    const run = async (seed: number) => {
      const model = await build('maple', seed);
      const history = await tunePrompts({ model, examples: train, recipe, seed });
      return { history, learned: values(model, true) };
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect((await run(2)).learned).not.toEqual(first.learned);
  });

  test('leaks no tensor', async () => {
    const model = await build();
    await tunePrompts({ model, examples: train, recipe });
    const before = tf.memory().numTensors;
    await tunePrompts({ model, examples: train, recipe });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('has nothing to do for zero-shot', async () => {
    expect(await tunePrompts({ model: await build('zeroShot'), examples: train, recipe })).toEqual([]);
  });

  test('refuses to train what is no prompt', async () => {
    const model = await build();
    model.getLayer('vision/block_1').trainable = true;
    await expect(tunePrompts({ model, examples: train, recipe })).rejects.toThrow(
      /Only prompts, couplers and the meta-net .* vision\/block_1 can be trained too/,
    );
  });
});
