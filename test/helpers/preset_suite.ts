import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../src/backbone/backbone.js';
import { buildClip, type ClipModelOptions } from '../../src/clip/build_clip.js';
import { foldClassifier, foldWherePossible } from '../../src/clip/fold_classifier.js';
import { classNamesOf } from '../../src/backbone/model_metadata.js';
import { swapClassNames } from '../../src/clip/swap_class_names.js';
import { chooseBackend } from '../../src/node/backend.js';
import { hasFixedText, type PromptDesign } from '../../src/prompting/design.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { trainedParameters } from '../../src/prompting/trained_parameters.js';
import { promptSgd } from '../../src/training/sgd.js';
import { largestDifference, largestEntry } from './close.js';
import { product, saveAndLoad } from './layer_probe.js';
import { tinyBackbone } from './tiny_clip.js';

const NAMES = ['cat', 'sea_lion', 'American Bulldog'];
const OTHERS = ['fox', 'owl'];
/** Names of learned weights. */
const LEARNED =
  /^((text|vision)\/prompt_\d+\/prompt|coupler(_\d+)?\/(kernel|bias)|meta_net\/(hidden|out)\/(kernel|bias))$/;

/**
 * What must hold for every prompt design.
 * @param make - the backbone, of pictures of 16 x 16. Default: a tiny random CLIP.
 */
export function runPresetTest(name: string, design: PromptDesign, make: () => Promise<Backbone> = tinyBackbone): void {
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
  const learned = design.textDepth + design.visionDepth > 0;
  const perImage = design.conditioning === 'metaNet';
  const perClass = design.contexts === 'perClass';
  const fixed = hasFixedText(design);

  describe(name, () => {
    beforeAll(async () => {
      await chooseBackend('wasm');
      backbone = await make();
      images = tf.randomNormal([6, 16, 16, 3], 0, 1, 'float32', 5);
      labels = tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3), 'float32');
    });
    afterAll(() => tf.disposeVariables());

    test('trains exactly its prompts, couplers and meta-net', async () => {
      const model = await build();
      const count = model.trainableWeights.reduce((sum, { shape }) => sum + product(shape), 0);
      expect(count).toBe(trainedParameters(design, backbone.config, NAMES.length));
      for (const { originalName } of model.trainableWeights) {
        expect(originalName).toMatch(LEARNED);
      }
    });

    test('has a text tower in its graph where the text is not fixed', async () => {
      const text = (await build()).layers.map(({ name: layer }) => layer).filter((layer) => layer.startsWith('text/'));
      if (fixed) {
        expect(text).toEqual(['text/features']);
      } else {
        expect(text).toEqual(expect.arrayContaining(['text/class_tokens', 'text/prompt_0']));
        expect(text).toContain(perImage ? 'text/tower' : 'text/projection');
      }
    });

    test('gives what it gives unpruned, and after saving and loading', async () => {
      const model = await build();
      const logits = predict(model);
      expect(logits.shape).toEqual([6, 3]);
      expect(largestDifference(predict(await build({ pruned: false })), logits)).toBeLessThan(1e-5);
      // Where every image has texts of its own: 18 of them, in uneven chunks; else all three classes at once.
      expect(largestDifference(predict(await build({ textRows: 4 })), logits)).toBeLessThan(perImage ? 1e-5 : 1e-30);
      const loaded = await saveAndLoad(model);
      expect(largestDifference(predict(loaded), logits)).toBe(0);
      expect(classNamesOf(loaded)).toEqual(NAMES);
    });

    if (!perImage && !fixed) {
      describe.each([true, false])('with its classes in chunks, pruned: %s', (pruned) => {
        const inChunks = (options: Partial<ClipModelOptions> = {}) => build({ pruned, textRows: 2, ...options });
        const learnedBy = (model: LayersModel) =>
          new Map(model.trainableWeights.map((weight) => [weight.originalName, weight]));

        test('has the same weights, logits and gradients', async () => {
          const [whole, model] = [await build({ pruned }), await inChunks()];
          const sources = model.layers.filter(({ name: layer }) => layer.startsWith('text/class_tokens'));
          expect(sources.map(({ name: layer }) => layer).sort()).toEqual([
            'text/class_tokens_0',
            'text/class_tokens_1',
          ]);
          expect(largestDifference(predict(model), predict(whole))).toBeLessThan(1e-5);
          const gradients = (of: LayersModel) =>
            tf.variableGrads(() => loss(labels, of.apply(images, { training: true }) as tf.Tensor) as tf.Scalar).grads;
          const [expected, found] = [gradients(whole), gradients(model)];
          const [wanted, own] = [learnedBy(whole), learnedBy(model)];
          expect([...own.keys()].sort()).toEqual([...wanted.keys()].sort());
          for (const [key, weight] of own) {
            const [one, other] = [found[weight.name], expected[wanted.get(key)?.name as string]];
            expect(largestDifference(one, other)).toBeLessThan(1e-4 * largestEntry(other));
          }
        });

        test('leaves no tensor behind when it is disposed', async () => {
          const start = tf.memory().numTensors;
          const model = await inChunks();
          expect(tf.memory().numTensors).toBe(start + model.weights.length);
          predict(model).dispose();
          const loaded = await saveAndLoad(model);
          expect(tf.memory().numTensors).toBe(start + model.weights.length + loaded.weights.length);
          const coupler = design.coupling === 'unified' ? loaded.getLayer('coupler') : undefined;
          loaded.dispose();
          // Of a model that tfjs loads, a coupler applied at every depth has as many users (test/traps.test.ts).
          for (let user = 1; user < design.visionDepth; user++) {
            coupler?.dispose();
          }
          expect(tf.memory().numTensors).toBe(start + model.weights.length);
          if (!perClass) {
            (await swapClassNames(model, backbone, [...OTHERS, 'tree'])).dispose();
          }
          model.dispose();
          expect(tf.memory().numTensors).toBe(start);
        });

        test('is trained, saved, loaded, folded and told other class names', async () => {
          const model = await inChunks();
          await fit(model);
          const held = tf.memory().numTensors;
          await model.fit(images, labels, { epochs: 1, batchSize: 4, verbose: 0 });
          expect(tf.memory().numTensors).toBe(held);
          const logits = predict(model);
          const loaded = await saveAndLoad(model);
          expect(largestDifference(predict(loaded), logits)).toBe(0);
          expect(largestDifference(predict(await foldClassifier(loaded)), logits)).toBeLessThan(1e-5);

          const learnedIn = learnedBy(model);
          const withPrompts = async (classNames: string[]) => {
            const whole = await build({ pruned, classNames });
            learnedBy(whole).forEach((weight, key) => weight.write(learnedIn.get(key)?.read() as tf.Tensor));
            return whole;
          };
          expect(largestDifference(predict(await withPrompts(NAMES)), logits)).toBeLessThan(1e-5);
          if (!perClass) {
            const swapped = await swapClassNames(loaded, backbone, OTHERS);
            expect(largestDifference(predict(swapped), predict(await withPrompts(OTHERS)))).toBeLessThan(1e-5);
            const again = await swapClassNames(swapped, backbone, NAMES);
            expect(largestDifference(predict(again), logits)).toBeLessThan(1e-5);
          }
        });
      });
    }

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

    if (perClass) {
      test('cannot be told other class names, which have learned no context', async () => {
        await expect(swapClassNames(await build(), backbone, OTHERS)).rejects.toThrow(
          'Every class of this model learned a context of its own, and other classes have none. Tune shared contexts',
        );
      });
    } else {
      test('with class names swapped is the model built for them, prompts the same', async () => {
        const model = await tuned();
        const logits = predict(model);
        const held = tf.memory().numTensors;
        const swapped = await swapClassNames(model, backbone, OTHERS);
        const own = swapped.weights.filter((weight) => !model.weights.includes(weight));
        expect(tf.memory().numTensors).toBe(held + own.length);
        // What depends on the classes; all else is shared.
        const layers = new Set(own.map(({ originalName }) => originalName.replace(/\/[^/]*$/, '')));
        expect([...layers]).toEqual([fixed ? 'text/features' : 'text/class_tokens', ...(perImage ? ['logits'] : [])]);
        const fresh = await build({ classNames: OTHERS });
        fresh.trainableWeights.forEach((weight, i) => weight.write(model.trainableWeights[i].read()));
        expect(classNamesOf(swapped)).toEqual(OTHERS);
        expect(swapped.trainableWeights.map(({ id }) => id)).toEqual(model.trainableWeights.map(({ id }) => id));
        expect(largestDifference(predict(swapped), predict(fresh))).toBeLessThan(1e-5);
        expect(largestDifference(predict(await swapClassNames(swapped, backbone, NAMES)), logits)).toBeLessThan(1e-5);
        expect(largestDifference(predict(model), logits)).toBe(0);
      });
    }

    if (perImage) {
      test('cannot be folded, for its texts differ by image', async () => {
        const held = tf.memory().numTensors;
        const model = await build();
        await expect(foldClassifier(model)).rejects.toThrow(
          'A model whose texts are conditioned on the image (CoCoOp) has no text features to fold into. Use it as it is.',
        );
        expect(await foldWherePossible(model)).toBe(model);
        expect(tf.memory().numTensors).toBe(held + model.weights.length);
      });
    } else {
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
    }
  });
}
