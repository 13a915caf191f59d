import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign, type DesignOptions, type Method } from '../../../src/prompting/presets.js';
import { expectClose } from '../../helpers/close.js';
import { moments } from '../../helpers/moments.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let backbone: Backbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
});
afterEach(() => tf.disposeVariables());

const build = (method: Method, options: DesignOptions = {}, seed?: number) =>
  buildClip(backbone, { classNames: ['cat', 'dog'], design: promptDesign(method, backbone.config, options), seed });
const weight = (model: LayersModel, layer: string, index = 0) => model.getLayer(layer).getWeights()[index];
const learned = (model: LayersModel) =>
  model.trainableWeights.map((variable) => Array.from(variable.read().dataSync()));

describe('the prompts of a model', () => {
  test('start, the first, as the embeddings of the first words, the others from N(0, 0.02)', async () => {
    const wide = await tinyBackbone({ text: { width: 128, layers: 2 } });
    const design = promptDesign('maple', wide.config, { length: 4 });
    const model = await buildClip(wide, { classNames: ['cat'], design });
    const { shape, values } = await wide.weights.read('text/token_embedding/embeddings');
    const ids = wide.tokenizer.encode('a photo of a').slice(1, 5);
    const words = tf.gather(tf.tensor2d(values, shape as [number, number]), ids);
    expectClose(weight(model, 'text/prompt_0'), words, 0);
    const { mean, deviation } = moments(weight(model, 'text/prompt_1'));
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.002);
  });

  test.each<[string, DesignOptions]>([
    ['asked to be random', { initialization: 'random', length: 4 }],
    ['longer than the prefix', { length: 5 }],
  ])('start from N(0, 0.02) when %s', async (_, options) => {
    const wide = await tinyBackbone({ text: { width: 128 } });
    const model = await buildClip(wide, { classNames: ['cat'], design: promptDesign('coop', wide.config, options) });
    const { mean, deviation } = moments(weight(model, 'text/prompt_0'));
    expect(Math.abs(mean)).toBeLessThan(0.002);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.002);
  });

  test('differ from depth to depth', async () => {
    const model = await build('maple', { initialization: 'random' });
    expect(weight(model, 'text/prompt_0').dataSync()).not.toEqual(weight(model, 'text/prompt_1').dataSync());
  });

  test('repeat by seed', async () => {
    const values = learned(await build('maple', { initialization: 'random' }, 5));
    expect(learned(await build('maple', { initialization: 'random' }, 5))).toEqual(values);
    const others = learned(await build('maple', { initialization: 'random' }, 6));
    others.forEach((entries, i) => expect(entries).not.toEqual(values[i]));
  });
});

describe('the couplers of a model', () => {
  test('start equal, one a depth', async () => {
    const model = await build('maple');
    const couplers = model.layers.filter(({ name }) => name.startsWith('coupler'));
    expect(couplers.map(({ name }) => name)).toEqual(['coupler_0', 'coupler_1']);
    for (const part of [0, 1]) {
      expectClose(weight(model, 'coupler_1', part), weight(model, 'coupler_0', part), 0);
    }
    expect(moments(weight(model, 'coupler_0')).largest).toBeGreaterThan(0);
  });

  test('are one when unified, applied at every depth', async () => {
    const model = await build('unifiedMaple');
    const couplers = model.layers.filter(({ name }) => name.startsWith('coupler'));
    expect(couplers.map(({ name }) => name)).toEqual(['coupler']);
    expect(couplers[0].inboundNodes).toHaveLength(2);
  });

  test('unified and one a depth give the same before training, for they start equal', async () => {
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 5);
    const [one, all] = [await build('unifiedMaple', {}, 4), await build('maple', {}, 4)];
    expectClose(one.predict(images) as tf.Tensor, all.predict(images) as tf.Tensor, 0);
  });
});

describe('the layers of a model', () => {
  test.each<[Method, string[]]>([
    ['zeroShot', []],
    ['coop', ['text/prompt_0']],
    ['shallowMaple', ['coupler_0', 'text/prompt_0', 'vision/prompt_0']],
    ['unifiedMaple', ['coupler', 'text/prompt_0', 'text/prompt_1', 'vision/prompt_0', 'vision/prompt_1']],
  ])('of %s are named by depth', async (method, names) => {
    const model = await build(method);
    const prompts = model.layers.map(({ name }) => name).filter((name) => /prompt|coupler/.test(name));
    expect(prompts.sort()).toEqual(names);
  });
});
