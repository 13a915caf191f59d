import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { Callback, CustomCallback, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { resize } from '../../../src/data/resize.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { recipes, type Recipe } from '../../../src/training/recipe.js';
import type { TuningCallbacks } from '../../../src/training/callbacks.js';
import type { TrainingState } from '../../../src/training/training_state.js';
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

  test('decodes pictures once where they are reduced, whatever the epochs, and learns from what they come to', async () => {
    let decoded = 0;
    // A camera's: larger than what they are reduced to.
    const large = train.map((example) => {
      const load = async () => (decoded++, resize(await example.load(), 96, 72));
      return { label: example.label, name: example.name, load };
    });
    const { imageSize } = backbone.config.vision;
    const small = large.map((example) => ({
      ...example,
      load: async () => resize(await example.load(), Math.round((96 * 2 * imageSize) / 72), 2 * imageSize),
    }));
    const tuned = async (examples: typeof large, changes: Partial<Recipe>) => {
      const model = await build();
      const history = await tunePrompts({ model, examples, recipe: { ...recipe, ...changes } });
      return { history, learned: values(model, true) };
    };
    const augmentation = { ...recipe.augmentation, reduceTo: 2 };
    const once = await tuned(large, { augmentation });
    expect(decoded).toBe(train.length);
    expect(await tuned(small, {})).toEqual(once);
    expect(decoded).toBe(train.length * (1 + recipe.epochs));
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

  test('takes callbacks in every form that fit takes them in, one or several', async () => {
    const told: string[] = [];
    const plain = (name: string) => ({ onEpochEnd: async (epoch: number) => void told.push(`${name} ${epoch}`) });
    class Own extends Callback {
      override async onEpochEnd(epoch: number): Promise<void> {
        told.push(`own ${epoch}`);
      }
    }
    const once = { ...recipe, epochs: 1 };
    const tune = async (callbacks: TuningCallbacks) =>
      tunePrompts({ model: await build(), examples: train, recipe: once, callbacks });
    await tune(plain('single'));
    await tune([plain('first'), new CustomCallback(plain('second')), new Own()]);
    await tune(new Own());
    expect(told).toEqual(['single 0', 'first 0', 'second 0', 'own 0', 'own 0']);
  });

  test('takes AdamW and a constant rate, and goes on with both to the last bit', async () => {
    const adam: Recipe = { ...recipe, learningRate: 0.003, optimizer: 'adamw', schedule: 'constant' };
    const states: TrainingState[] = [];
    const whole = await build();
    const onState = (state: TrainingState) => void states.push(state);
    const history = await tunePrompts({ model: whole, examples: train, recipe: adam, onState });
    expect(history.map(({ learningRate }) => learningRate)).toEqual([0.003, 0.003, 0.003]);
    expect(history[2].loss).toBeLessThan(history[0].loss);
    expect(states[0].optimizer.map(({ name }) => name.split('/').pop())).toEqual([
      ...Array<string>(6).fill('m'),
      ...Array<string>(6).fill('v'),
    ]);
    const resumed = await build();
    await tunePrompts({ model: resumed, examples: train, recipe: adam, resumeFrom: states[0] });
    expect(values(resumed, true)).toEqual(values(whole, true));
    await expect(tunePrompts({ model: resumed, examples: train, recipe, resumeFrom: states[0] })).rejects.toThrow(
      /its `recipe.(optimizer|learningRate)` was/,
    );
  });

  test('refuses a setting that it does not know', async () => {
    const args = { model: await build(), examples: train, recipe, callback: [] };
    await expect(tunePrompts(args)).rejects.toThrow('tunePrompts has no setting `callback`. Do you mean `callbacks`?');
  });

  test('refuses a callback that no training would call', async () => {
    const callbacks = { onEpochFinished: () => undefined } as TuningCallbacks;
    await expect(tunePrompts({ model: await build(), examples: train, recipe, callbacks })).rejects.toThrow(
      /`callbacks` has no setting `onEpochFinished`.* Known are onTrainBegin, .*onEpochEnd/,
    );
  });
});
