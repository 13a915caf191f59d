import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { clipTemplates } from '../../../src/prompting/templates.js';
import { promptSgd } from '../../../src/training/sgd.js';
import { expectClose, largestDifference } from '../../helpers/close.js';
import { saveAndLoad } from '../../helpers/layer_probe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const NAMES = ['cat', 'dog', 'American Bulldog'];
const THREE = ['a photo of a {}.', 'a drawing of a {}.', 'itap of {}: a fox.'];

let backbone: Backbone;
let images: tf.Tensor4D;
/** A context that all 80 texts fit into, which the tiny tokeniser mostly spells. */
let roomy: Backbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone({ text: { contextLength: 24 } });
  roomy = await tinyBackbone({ text: { contextLength: 48 } });
  images = tf.randomNormal([4, 16, 16, 3], 0, 1, 'float32', 5);
});
afterEach(() => tf.disposeVariables());

function build(templates: string | readonly string[] | undefined, on = backbone, method: Method = 'zeroShot') {
  const design = promptDesign(method, on.config);
  return buildClip(on, { classNames: NAMES, design, templates, seed: 3 });
}
const predict = (model: LayersModel) => model.predict(images) as tf.Tensor;
const features = (model: LayersModel) => model.getLayer('text/features').getWeights()[0].arraySync() as number[][];
const unit = (row: readonly number[]) => row.map((value) => value / Math.hypot(...row));

/** The mean of the single texts' normalised features, by hand: [classes][width]. The texts are classes of their own. */
async function averaged(templates: readonly string[], on = backbone): Promise<number[][]> {
  const classNames = NAMES.flatMap((name) => templates.map((template) => template.replace('{}', name)));
  const design = promptDesign('zeroShot', on.config);
  const units = features(await buildClip(on, { classNames, design, templates: '{}' })).map(unit);
  return NAMES.map((_, index) => {
    const own = units.slice(index * templates.length, (index + 1) * templates.length);
    return own[0].map((_value, i) => own.reduce((sum, row) => sum + row[i], 0) / own.length);
  });
}

describe('several templates', () => {
  test('are the mean of the normalised features of each, normalised again by the head', async () => {
    const means = await averaged(THREE);
    const model = await build(THREE);
    expectClose(model.getLayer('text/features').getWeights()[0], tf.tensor2d(means), 1e-6);

    // The logits by hand: unit image features, unit means, the scale.
    const single = await build(THREE[0]);
    const texts = tf.tensor2d(means.map(unit));
    const singleTexts = tf.tensor2d(features(single).map(unit));
    expect(largestDifference(texts, singleTexts)).toBeGreaterThan(1e-2);
    single.getLayer('text/features').setWeights([texts]);
    expectClose(predict(model), predict(single), 1e-5);
  });

  test('of one are that one, as a text or as a list', async () => {
    const [text, list] = [await build(THREE[1]), await build([THREE[1]])];
    expect(largestDifference(predict(text), predict(list))).toBe(0);
    expect(modelMetadata(text)).toEqual(modelMetadata(list));
  });

  test('do not depend on their order, nor on pruning', async () => {
    const model = await build(THREE);
    expectClose(predict(await build([...THREE].reverse())), predict(model), 1e-5);
    const design = promptDesign('zeroShot', backbone.config);
    const unpruned = await buildClip(backbone, { classNames: NAMES, design, templates: THREE, pruned: false });
    expectClose(predict(unpruned), predict(model), 1e-5);
  });

  test.each(['selected', 'imagenet80'] as const)("CLIP's own, %s, in chunks of texts", async (name) => {
    const templates = clipTemplates[name];
    const { numTensors } = tf.memory();
    const model = await build(templates, roomy);
    expect(tf.memory().numTensors).toBe(numTensors + model.weights.length);
    // 3 classes x 80 fit into one chunk of 256, 4 do not.
    const wider = await swapClassNames(model, roomy, [...NAMES, 'fox']);
    const held = [features(model), features(wider)];
    tf.disposeVariables();
    expectClose(tf.tensor2d(held[0]), tf.tensor2d(await averaged(templates, roomy)), 1e-5);
    expectClose(tf.tensor2d(held[1].slice(0, 3)), tf.tensor2d(held[0]), 1e-5);
  });

  test('hold for swapped class names, folded, and after saving', async () => {
    const model = await build(THREE);
    const logits = predict(model);
    const swapped = await swapClassNames(model, backbone, ['fox', 'owl']);
    const design = promptDesign('zeroShot', backbone.config);
    const fresh = await buildClip(backbone, { classNames: ['fox', 'owl'], design, templates: THREE });
    expectClose(predict(swapped), predict(fresh), 1e-6);
    expect(modelMetadata(swapped).templates).toEqual(THREE);
    expectClose(predict(await foldClassifier(model)), logits, 1e-6);
    const loaded = await saveAndLoad(model);
    expect(largestDifference(predict(loaded), logits)).toBe(0);
    expect(modelMetadata(loaded).templates).toEqual(THREE);
    expectClose(predict(await swapClassNames(loaded, backbone, ['fox', 'owl'])), predict(fresh), 1e-6);
  });

  test('stand beside image prompts that are tuned', async () => {
    const model = await build(THREE, backbone, 'vpt');
    const before = features(model);
    const labels = tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 0], 'int32'), 3), 'float32');
    model.compile({
      optimizer: promptSgd({ learningRate: 0.05 }),
      loss: (target, logits) => tf.losses.softmaxCrossEntropy(target, logits),
    });
    const { history } = await model.fit(images, labels, { epochs: 6, batchSize: 4, verbose: 0 });
    expect(history.loss.at(-1)).toBeLessThan(history.loss[0] as number);
    // The features are data: no step changes them.
    expect(features(model)).toEqual(before);
    const single = await build(THREE[0], backbone, 'vpt');
    single.trainableWeights.forEach((weight, i) => weight.write(model.trainableWeights[i].read()));
    expect(largestDifference(predict(single), predict(model))).toBeGreaterThan(1e-3);
    const swapped = await swapClassNames(model, backbone, NAMES);
    expectClose(predict(swapped), predict(model), 1e-6);
  });

  test('are taken by no method with text prompts', async () => {
    const [model, plain] = [await build(THREE, backbone, 'coop'), await build(undefined, backbone, 'coop')];
    expect(largestDifference(predict(model), predict(plain))).toBe(0);
    expect(modelMetadata(model).templates).toBeUndefined();
  });
});
