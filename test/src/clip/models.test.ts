import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { Backbone, WeightSource } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { classNamesOf, modelMetadata } from '../../../src/backbone/model_metadata.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { completeDesign } from '../../../src/prompting/design.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { largestDifference, largestEntry } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let backbone: Backbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
});
afterEach(() => tf.disposeVariables());

const design = (method: Method = 'maple') => promptDesign(method, backbone.config);
const build = (classNames = ['cat', 'dog'], method?: Method) =>
  buildClip(backbone, { classNames, design: design(method) });
const foreign = () => tfl.sequential({ name: 'mine', layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });

const NO_METADATA =
  'Model "mine" carries no class names and prompt design (user-defined metadata "tfjsMaple", format 1). ' +
  'Was it built by buildClip of this version, and saved with model.save?';

describe('buildClip', () => {
  test('writes down what the model is', async () => {
    const templates = 'itap of a {}.';
    const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design: design('zeroShot'), templates });
    expect(modelMetadata(model)).toEqual({
      format: 1,
      classNames: ['cat', 'dog'],
      design: completeDesign(design('zeroShot')),
      templates: [templates],
      config: backbone.config,
      imageStatistics: backbone.imageStatistics,
      backbone: { name: 'tiny', identity: 'tiny-identity' },
    });
  });

  test('holds what the texts begin with once, and no padding, unless unpruned', async () => {
    const shape = (model: tfl.LayersModel) => model.getLayer('text/class_tokens').weights[0].shape;
    // "<start> a photo of a", then "cat . <end>" and "american bulldog . <end>".
    expect(shape(await build(['cat', 'American Bulldog']))).toEqual([5 + 3 + 4, 24]);
    const whole = await buildClip(backbone, { classNames: ['cat'], design: design(), pruned: false });
    expect(shape(whole)).toEqual([1, 20, 24]);
  });

  test('cuts texts that cannot be packed to the longest class', async () => {
    const cocoop = await buildClip(backbone, { classNames: ['cat', 'American Bulldog'], design: design('cocoop') });
    expect(cocoop.getLayer('text/class_tokens').weights[0].shape).toEqual([2, 9, 24]);
  });

  test.each(['maple', 'unifiedMaple', 'coop', 'ivlp'] as const)(
    '%s: packed, and with blocks computed once more, the gradients are those of whole rows',
    async (method) => {
      const images = tf.randomNormal<tf.Rank.R4>([2, 16, 16, 3], 0, 1, 'float32', 5);
      const classNames = ['cat', 'American Bulldog', 'sea lion'];
      const gradients = async (options: { pruned?: boolean; recompute?: boolean }) => {
        const model = await buildClip(backbone, { classNames, design: design(method), ...options });
        const loss = () => tf.sum(tf.square(model.apply(images, { training: true }) as tf.Tensor)) as tf.Scalar;
        const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
        const { value, grads } = tf.variableGrads(loss, variables);
        return [value, ...variables.map(({ name }) => grads[name])];
      };
      const expected = await gradients({ pruned: false });
      for (const options of [{}, { recompute: true }, { pruned: false, recompute: true }]) {
        const found = await gradients(options);
        found.forEach((tensor, index) => {
          expect(largestDifference(tensor, expected[index])).toBeLessThan(
            1e-5 * Math.max(1, largestEntry(expected[index])),
          );
        });
      }
    },
  );

  test("leaves the caller's class names alone", async () => {
    const names = Object.freeze(['cat', 'dog']);
    const model = await buildClip(backbone, { classNames: names, design: design() });
    classNamesOf(model).push('fox');
    expect(classNamesOf(model)).toEqual(['cat', 'dog']);
  });

  test('another template gives other logits', async () => {
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 5);
    const logits = async (templates?: string) =>
      (await buildClip(backbone, { classNames: ['cat', 'dog'], design: design('zeroShot'), templates })).predict(
        images,
      ) as tf.Tensor;
    expect(largestDifference(await logits('a photo of a {}.'), await logits())).toBe(0);
    expect(largestDifference(await logits('a drawing of a {}.'), await logits())).toBeGreaterThan(1e-3);
  });

  test('refuses a configuration that cannot be built', async () => {
    const broken = { ...backbone, config: { ...backbone.config, embedDim: 0 } };
    await expect(buildClip(broken, { classNames: ['cat'], design: design() })).rejects.toThrow(
      new MapleError('`embedDim` must be a positive integer. Received: 0.'),
    );
  });

  test('refuses a design of a deeper backbone', async () => {
    const deep = promptDesign('maple', (await tinyBackbone({ text: { layers: 3 }, vision: { layers: 3 } })).config);
    await expect(buildClip(backbone, { classNames: ['cat'], design: deep })).rejects.toThrow(
      new MapleError(
        '`textDepth` must be an integer from 0 to 2, the number of layers of the text tower. Received: 3.',
      ),
    );
  });

  test('names every weight that is missing or of another shape, and keeps no tensor', async () => {
    const { weights } = backbone;
    const faulty: WeightSource = {
      names: weights.names.filter((name) => name !== 'text/projection/kernel'),
      shape: (name) => (name === 'vision/pre_norm/gamma' ? [31] : weights.shape(name)),
      read: (name) => weights.read(name),
    };
    const held = tf.memory().numTensors;
    await expect(
      buildClip({ ...backbone, weights: faulty }, { classNames: ['cat'], design: design() }),
    ).rejects.toThrow(
      new MapleError(
        "The backbone's weights do not fit its configuration: vision/pre_norm/gamma is [31], expected [32]; " +
          'text/projection/kernel is missing (expected [24, 16]).',
      ),
    );
    expect(tf.memory().numTensors).toBe(held);
  });
});

describe('swapClassNames', () => {
  test('refuses another backbone', async () => {
    const other = await tinyBackbone({ name: 'other', identity: 'other-identity' });
    await expect(swapClassNames(await build(), other, ['fox'])).rejects.toThrow(
      new MapleError(
        'The model\'s prompts were learned on "tiny" (tiny-identity), not on "other" (other-identity). ' +
          'Give the backbone they were learned on.',
      ),
    );
  });

  test('refuses a folded model', async () => {
    await expect(swapClassNames(await foldClassifier(await build()), backbone, ['fox'])).rejects.toThrow(
      new MapleError('A folded model has no text tower to read class names. Swap the names before folding.'),
    );
  });

  test('refuses a model of another make', async () => {
    await expect(swapClassNames(foreign(), backbone, ['fox'])).rejects.toThrow(new MapleError(NO_METADATA));
  });

  test('refuses class names as buildClip does', async () => {
    const model = await build();
    await expect(swapClassNames(model, backbone, [])).rejects.toThrow('`classNames` must name at least one class.');
    await expect(swapClassNames(model, backbone, ['a', 'a'])).rejects.toThrow('"a" stands at 0 and at 1');
  });

  test('trains on: what one of the two learns, both have learned', async () => {
    const model = await build();
    const swapped = await swapClassNames(model, backbone, ['fox', 'owl']);
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 5);
    const before = model.predict(images) as tf.Tensor;
    swapped.compile({ optimizer: 'sgd', loss: (y, x) => tf.losses.softmaxCrossEntropy(y, x) });
    await swapped.trainOnBatch(images, tf.eye(2));
    expect(largestDifference(model.predict(images) as tf.Tensor, before)).toBeGreaterThan(0);
  });

  test('leaves the first model its weights when the second is disposed', async () => {
    const model = await build(['cat', 'dog'], 'unifiedMaple');
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 5);
    const held = tf.memory().numTensors;
    (await swapClassNames(model, backbone, ['fox'])).dispose();
    expect(tf.memory().numTensors).toBe(held);
    expect((model.predict(images) as tf.Tensor).shape).toEqual([2, 2]);
  });
});

describe('foldClassifier', () => {
  test('refuses a model of another make', async () => {
    await expect(foldClassifier(foreign())).rejects.toThrow(new MapleError(NO_METADATA));
  });

  test('marks the model as folded, class names and all', async () => {
    const folded = await foldClassifier(await build());
    expect(modelMetadata(folded)).toMatchObject({ folded: true, classNames: ['cat', 'dog'] });
    expect(folded.trainableWeights).toHaveLength(0);
  });

  test('leaves the first model its weights when the folded one is disposed', async () => {
    const model = await build();
    const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 5);
    const held = tf.memory().numTensors;
    (await foldClassifier(model)).dispose();
    expect(tf.memory().numTensors).toBe(held);
    expect((model.predict(images) as tf.Tensor).shape).toEqual([2, 2]);
  });
});

describe('modelMetadata', () => {
  test('refuses a model of another make, and another version of the form', async () => {
    expect(() => modelMetadata(foreign())).toThrow(new MapleError(NO_METADATA));
    const model = foreign();
    model.setUserDefinedMetadata({ tfjsMaple: { format: 2 } });
    expect(() => classNamesOf(model)).toThrow(new MapleError(NO_METADATA));
  });

  test('stands beside what the user put there', async () => {
    const model = await build();
    const swapped = await swapClassNames(model, backbone, ['fox']);
    swapped.setUserDefinedMetadata({ ...swapped.getUserDefinedMetadata(), note: 'mine' });
    expect(classNamesOf(swapped)).toEqual(['fox']);
    expect(swapped.getUserDefinedMetadata()).toMatchObject({ note: 'mine' });
  });
});
