import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../src/clip/backbone.js';
import { buildClip, type ClipModelOptions } from '../../src/clip/build_clip.js';
import { foldClassifier } from '../../src/clip/fold_classifier.js';
import { classNamesOf } from '../../src/clip/model_metadata.js';
import { swapClassNames } from '../../src/clip/swap_class_names.js';
import { chooseBackend } from '../../src/node/backend.js';
import type { PromptDesign } from '../../src/prompting/design.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { trainedParameters } from '../../src/prompting/trained_parameters.js';
import { promptSgd } from '../../src/training/sgd.js';
import { largestDifference, largestEntry } from './close.js';
import { product, saveAndLoad } from './layer_probe.js';
import { tinyBackbone } from './tiny_clip.js';

const NAMES = ['cat', 'sea_lion', 'American Bulldog'];
const OTHERS = ['fox', 'owl'];

/** What must hold for every prompt design, on a tiny random CLIP. */
export function runPresetTest(name: string, design: PromptDesign): void {
  let backbone: Backbone;
  let images: tf.Tensor4D;
  let labels: tf.Tensor;

  const build = (options: Partial<ClipModelOptions> = {}) =>
    buildClip(backbone, { classNames: NAMES, design, seed: 3, ...options });
  const predict = (model: LayersModel) => model.predict(images) as tf.Tensor;
  const loss = (target: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(target, logits);
  const fit = async (model: LayersModel, epochs = 2) => {
    model.compile({ optimizer: promptSgd({ learningRate: 0.05 }), loss });
    return model.fit(images, labels, { epochs, batchSize: 3, shuffle: false, verbose: 0 });
  };
  const values = (model: LayersModel) =>
    new Map(model.weights.map((weight) => [weight.originalName, Array.from(weight.read().dataSync())]));
  const learned = trainedParameters(design, { text: { width: 1 }, vision: { width: 1 } } as Backbone['config']) > 0;

  describe(name, () => {
    beforeAll(async () => {
      await chooseBackend('wasm');
      backbone = await tinyBackbone();
      images = tf.randomNormal([6, 16, 16, 3], 0, 1, 'float32', 5);
      labels = tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3), 'float32');
    });
    afterAll(() => tf.disposeVariables());

    test('trains exactly its prompts and couplers', async () => {
      const model = await build();
      const count = model.trainableWeights.reduce((sum, { shape }) => sum + product(shape), 0);
      expect(count).toBe(trainedParameters(design, backbone.config));
      for (const { originalName } of model.trainableWeights) {
        expect(originalName).toMatch(/^((text|vision)\/prompt_\d+\/prompt|coupler(_\d+)?\/(kernel|bias))$/);
      }
    });

    test('gives what it gives unpruned, and after saving and loading', async () => {
      const model = await build();
      const logits = predict(model);
      expect(logits.shape).toEqual([6, 3]);
      expect(largestDifference(predict(await build({ pruned: false })), logits)).toBeLessThan(1e-5);
      const loaded = await saveAndLoad(model);
      expect(largestDifference(predict(loaded), logits)).toBe(0);
      expect(classNamesOf(loaded)).toEqual(NAMES);
    });

    if (learned) {
      test('every learned tensor gets a gradient, and no other', async () => {
        const model = await build();
        const { grads } = tf.variableGrads(
          () => loss(labels, model.apply(images, { training: true }) as tf.Tensor) as tf.Scalar,
        );
        expect(Object.keys(grads).sort()).toEqual(model.trainableWeights.map((weight) => weight.name).sort());
        for (const gradient of Object.values(grads)) {
          expect(largestEntry(gradient)).toBeGreaterThan(1e-6);
        }
      });

      test('fit moves every learned tensor and no frozen one, to a lower loss and other logits', async () => {
        const model = await build();
        const zeroShot = await build({ design: promptDesign('zeroShot', backbone.config) });
        const before = values(model);
        const { history } = await fit(model, 6);
        const losses = history.loss as number[];
        expect(losses.at(-1)).toBeLessThan(losses[0]);
        const after = values(model);
        const changed = [...before].filter(([key, old]) => old.some((value, i) => value !== after.get(key)?.[i]));
        expect(changed.map(([key]) => key).sort()).toEqual(
          model.trainableWeights.map(({ originalName }) => originalName).sort(),
        );
        expect(largestDifference(predict(model), predict(zeroShot))).toBeGreaterThan(1e-3);
      });

      test('fit leaves no tensor behind', async () => {
        const model = await build();
        await fit(model, 1);
        const held = tf.memory().numTensors;
        await model.fit(images, labels, { epochs: 2, batchSize: 4, verbose: 0 });
        expect(tf.memory().numTensors).toBe(held);
      });
    } else {
      test('has nothing to train', async () => {
        await expect(fit(await build())).rejects.toThrow('at least one of the input variables to be trainable');
      });
    }

    test('build, predict and dispose leave no tensor behind', async () => {
      const start = tf.memory().numTensors;
      const model = await build();
      expect(tf.memory().numTensors).toBe(start + model.weights.length);
      predict(model).dispose();
      expect(tf.memory().numTensors).toBe(start + model.weights.length);
      model.dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    /** A model whose prompts are no longer at their initial values. */
    const tuned = async () => {
      const model = await build();
      if (learned) {
        await fit(model);
      }
      return model;
    };

    test('with class names swapped is the model built for them, prompts the same', async () => {
      const model = await tuned();
      const logits = predict(model);
      const held = tf.memory().numTensors;
      const swapped = await swapClassNames(model, backbone, OTHERS);
      // The class tokens and their ends; all else is shared.
      expect(tf.memory().numTensors).toBe(held + 2);
      const fresh = await build({ classNames: OTHERS });
      fresh.trainableWeights.forEach((weight, i) => weight.write(model.trainableWeights[i].read()));
      expect(classNamesOf(swapped)).toEqual(OTHERS);
      expect(swapped.trainableWeights.map(({ id }) => id)).toEqual(model.trainableWeights.map(({ id }) => id));
      expect(largestDifference(predict(swapped), predict(fresh))).toBeLessThan(1e-5);
      expect(largestDifference(predict(await swapClassNames(swapped, backbone, NAMES)), logits)).toBeLessThan(1e-5);
      expect(largestDifference(predict(model), logits)).toBe(0);
    });

    test('folded gives the same logits, fresh and loaded, without a text tower', async () => {
      const model = await tuned();
      const logits = predict(model);
      const held = tf.memory().numTensors;
      const folded = await foldClassifier(model);
      const own = folded.weights.filter((weight) => !model.weights.includes(weight));
      expect(tf.memory().numTensors).toBe(held + own.length);
      expect(folded.layers.filter(({ name: layer }) => layer.startsWith('text/'))).toHaveLength(1);
      expect(largestDifference(predict(folded), logits)).toBeLessThan(1e-5);
      expect(await foldClassifier(folded)).toBe(folded);
      const again = await foldClassifier(await saveAndLoad(model));
      expect(largestDifference(predict(await saveAndLoad(again)), logits)).toBeLessThan(1e-5);
      expect(classNamesOf(again)).toEqual(NAMES);
      expect(largestDifference(predict(model), logits)).toBe(0);
    });
  });
}
