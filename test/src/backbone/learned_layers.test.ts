import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { buildClip, type ClipModelOptions } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { promptSgd } from '../../../src/training/sgd.js';
import { recipes } from '../../../src/training/recipe.js';
import type { TrainingState } from '../../../src/training/training_state.js';
import { tunePrompts } from '../../../src/training/tune_prompts.js';
import { applyPromptFiles, loadPromptFiles, promptFiles } from '../../../src/weights/prompt_files.js';
import { ADAPTERS, adapterBackbone } from '../../helpers/adapter_clip.js';
import { largestDifference } from '../../helpers/close.js';
import { saveAndLoad } from '../../helpers/layer_probe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { somePictures } from '../../helpers/tuned_clip.js';

const { classNames, train: examples } = tinyDataset();
const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 3, depth: 2 };
const IMAGE_ADAPTERS = ADAPTERS.filter((name) => name.startsWith('vision/'));
let backbone: TransformerBackbone;
let ofImages: TransformerBackbone;
let images: tf.Tensor4D;

const build = (method: Method, options: Partial<ClipModelOptions> = {}, of = backbone): Promise<LayersModel> =>
  buildClip(of, { classNames, design: promptDesign(method, backbone.config), learn: ADAPTERS, ...options });
const logits = (model: LayersModel): tf.Tensor => model.predict(images) as tf.Tensor;
const valuesOf = (model: LayersModel, layer: string): number[][] =>
  model.getLayer(layer).weights.map((weight) => Array.from(weight.read().dataSync()));

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await adapterBackbone();
  ofImages = await adapterBackbone(['vision']);
  images = somePictures(backbone, 5);
});
afterAll(() => tf.disposeVariables());

describe("a user's own layers between blocks", () => {
  test('start as they are made: zero adapters change nothing', async () => {
    const plain = await tinyBackbone();
    const without = await buildClip(plain, { classNames, design: promptDesign('maple', plain.config) });
    expect(largestDifference(logits(await build('maple')), logits(without))).toBe(0);
  });

  test.each([
    ['maple', ADAPTERS],
    ['coop', ADAPTERS],
    ['vpt', IMAGE_ADAPTERS],
    ['cocoop', IMAGE_ADAPTERS],
    ['zeroShot', IMAGE_ADAPTERS],
  ] as const)('are tuned with %s, saved, loaded, folded and kept with other class names', async (method, learn) => {
    const own = learn.length === ADAPTERS.length ? backbone : ofImages;
    const model = await build(method, { learn }, own);
    const frozen = valuesOf(model, 'vision/block_1');
    const history = await tunePrompts({ model, examples, recipe });
    expect(history[2].loss).toBeLessThan(history[0].loss);
    for (const name of learn) {
      const [kernel] = valuesOf(model, name);
      expect(kernel.some((value) => value !== 0 && value !== 1)).toBe(true);
    }
    expect(valuesOf(model, 'vision/block_1')).toEqual(frozen);

    const files = await promptFiles(model);
    expect(JSON.parse(files.config)).toMatchObject({ learned_layers: expect.arrayContaining([...learn]) });
    const loaded = await loadPromptFiles(files, own);
    expect(largestDifference(logits(loaded), logits(model))).toBe(0);
    expect(largestDifference(logits(await saveAndLoad(model)), logits(model))).toBe(0);
    expect((await promptFiles(await saveAndLoad(loaded))).weights).toEqual(files.weights);

    const other = await swapClassNames(model, own, ['sea lion', 'tench']);
    expect(largestDifference(logits(await swapClassNames(other, own, classNames)), logits(model))).toBe(0);
    if (method !== 'cocoop') {
      expect(largestDifference(logits(await foldClassifier(model)), logits(model))).toBeLessThan(1e-5);
    }
  });

  test('go on after a stop to the same weights, moving averages too, to the last bit', async () => {
    const whole = await build('maple');
    const states: TrainingState[] = [];
    await tunePrompts({ model: whole, examples, recipe, onState: (state) => void states.push(state) });
    expect(new Set(states[0].settings.learned)).toEqual(new Set(ADAPTERS));
    const resumed = await build('maple');
    await tunePrompts({ model: resumed, examples, recipe, resumeFrom: states[0] });
    for (const name of [...ADAPTERS, 'text/prompt_0']) {
      expect(valuesOf(resumed, name)).toEqual(valuesOf(whole, name));
    }
    const without = await build('maple', { learn: IMAGE_ADAPTERS }, ofImages);
    await expect(tunePrompts({ model: without, examples, recipe, resumeFrom: states[0] })).rejects.toThrow(
      /its `learned.\d` was/,
    );
  });

  test('leak no tensor', async () => {
    const model = await build('coop');
    await tunePrompts({ model, examples, recipe });
    const before = tf.memory().numTensors;
    await tunePrompts({ model, examples, recipe });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a layer of the backbone that is trained', () => {
  test.each(['maple', 'coop'] as const)(
    'by a fit of one’s own with %s is in the saved prompts, frozen again or not',
    async (method) => {
      const plain = await tinyBackbone();
      const model = await build(method, { learn: undefined }, plain);
      const block = model.getLayer('vision/block_0');
      block.trainable = true;
      block.weights.forEach((weight) => (weight.trainable = true));
      model.compile({ optimizer: promptSgd({ learningRate: 0.2 }), loss: tf.losses.softmaxCrossEntropy });
      await model.fit(images, tf.oneHot([0, 1, 2, 3, 0], 4), { epochs: 2, verbose: 0 });
      block.trainable = false;
      const loaded = await loadPromptFiles(await promptFiles(model), plain);
      expect(largestDifference(logits(loaded), logits(model))).toBe(0);
    },
  );

  test('by tunePrompts is known of the model afterwards, saved and frozen again too', async () => {
    const plain = await tinyBackbone();
    const model = await build('coop', { learn: undefined }, plain);
    model.getLayer('vision/block_1').trainable = true;
    await tunePrompts({ model, examples, recipe });
    expect(modelMetadata(model).learned).toEqual(['vision/block_1']);
    model.getLayer('vision/block_1').trainable = false;
    const files = await promptFiles(await saveAndLoad(model));
    expect(largestDifference(logits(await loadPromptFiles(files, plain)), logits(model))).toBe(0);
  });
});

describe('is refused by name', () => {
  test.each([
    ['a layer that is not there', 'maple', ['vision/adaptor'], {}, /Received: "vision\/adaptor"\. .* vision\/adapter,/],
    ['the texts of a method that has fixed ones', 'vpt', ['text/adapter'], {}, /works out the texts once/],
    ['a text tower in chunks', 'maple', ['text/adapter'], { textRows: 2 }, /computed in chunks.* `textRows: Infinity`/],
    ['a prompt, which is learned anyway', 'maple', ['text/prompt_0'], {}, /must name layers of the towers/],
  ] as const)('%s', async (_, method, learn, options, message) => {
    const start = tf.memory().numTensors;
    await expect(build(method, { learn, ...options })).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(start);
  });

  test('a backbone whose towers do not have the layers that were learned', async () => {
    const files = await promptFiles(await build('maple'));
    await expect(loadPromptFiles(files, await tinyBackbone())).rejects.toThrow(
      /adapter_config.json, which learned .*vision\/adapter.* cannot be built\. `learn` must name .*Give the backbone with/,
    );
  });

  test('a model that learns other layers than the files tell of', async () => {
    const files = await promptFiles(await build('maple'));
    const model = await build('maple', { learn: IMAGE_ADAPTERS }, ofImages);
    await expect(applyPromptFiles(model, files)).rejects.toThrow(
      "text/adapter, vision/adapter, vision/norm. The model's: vision/adapter, vision/norm. Build it with `learn` as these",
    );
  });
});
