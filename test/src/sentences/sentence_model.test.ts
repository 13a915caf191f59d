import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import type { SentenceBackbone } from '../../../src/backbone/backbone.js';
import { classNamesOf, modelMetadata } from '../../../src/backbone/model_metadata.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { fileHandler } from '../../../src/node/file_handler.js';
import { loadPrompts, savePrompts } from '../../../src/node/prompt_folder.js';
import { methodsFor, promptDesign } from '../../../src/prompting/presets.js';
import { trainedParameters } from '../../../src/prompting/trained_parameters.js';
import { imageFeatures } from '../../../src/sentences/image_features.js';
import { MAP_NAME } from '../../../src/sentences/sentence_backbone.js';
import { largestDifference } from '../../helpers/close.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { tinySentenceBackbone, unitRows, vectorOf, WIDTH } from '../../helpers/tiny_sentences.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

const CLASSES = ['American Bulldog', 'cat', 'dog'];
/** Longer than any context of CLIP's. */
const LONG = `A cat. ${'It sleeps and purrs and looks out of the window. '.repeat(40)}`;

let backbone: SentenceBackbone;
let model: LayersModel;
let images: tf.Tensor4D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  backbone = await tinySentenceBackbone();
  model = await tunedClip(backbone, 'maple', { classNames: CLASSES });
  images = somePictures(backbone, 4);
});

const logits = (of: LayersModel): tf.Tensor2D => of.predict(images) as tf.Tensor2D;
const learned = (of: LayersModel) => of.trainableWeights.map(({ originalName }) => originalName).sort();

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sentences-'));
  try {
    await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Logits of one picture for sentences: cosines of its feature with the mapped vectors, shifted or not. */
async function expectedLogits(feature: tf.Tensor, sentences: string[], shift: number[]): Promise<tf.Tensor> {
  const vectors = await Promise.all(sentences.map(vectorOf));
  const { values, shape } = await backbone.weights.read(MAP_NAME);
  const texts = tf.matMul(
    tf.tensor2d(vectors.map((vector) => Array.from(vector, (value, at) => value + shift[at]))),
    tf.tensor2d(values, shape as [number, number]),
  );
  return tf.mul(tf.matMul(unitRows(feature), unitRows(texts), false, true), 10);
}

describe('a sentence encoder as text tower', () => {
  test('without prompts, logits are the cosines of image features and mapped vectors', async () => {
    const design = promptDesign('zeroShot', backbone.config);
    const zeroShot = await buildClip(backbone, { classNames: CLASSES, design });
    const side = backbone.config.vision.imageSize;
    const picture = {
      width: side,
      height: side,
      data: Uint8Array.from({ length: side * side * 3 }, (_, at) => at % 251),
    };
    const feature = await imageFeatures(backbone, [{ name: 'one', load: async () => picture }]);
    const head = zeroShot.outputs[0].inputs;
    expect(head.map(({ shape }) => shape)).toEqual([
      [null, 16],
      [3, 16],
    ]);
    const sentences = CLASSES.map((name) => `a photo of a ${name}.`);
    const { mean, deviation } = backbone.imageStatistics;
    const pixels = tf.tensor4d(Float32Array.from(picture.data), [1, side, side, 3]);
    const normalised = tf.div(tf.sub(tf.div(pixels, 255), tf.tensor1d([...mean])), tf.tensor1d([...deviation]));
    const found = zeroShot.predict(normalised) as tf.Tensor;
    const expected = await expectedLogits(feature, sentences, Array<number>(WIDTH).fill(0));
    expect(largestDifference(found, expected)).toBeLessThan(1e-4);
  });

  test('the first prompt shifts every vector by its mean', async () => {
    const design = promptDesign('coop', backbone.config, { length: 3 });
    const coop = await buildClip(backbone, { classNames: CLASSES, design });
    expect(learned(coop)).toEqual(['text/prompt_0/prompt']);
    const prompt = (await coop.getLayer('text/prompt_0').getWeights()[0].array()) as number[][];
    const shift = prompt[0].map((_, at) => (prompt[0][at] + prompt[1][at] + prompt[2][at]) / 3);
    const zeroShot = await buildClip(backbone, {
      classNames: CLASSES,
      design: promptDesign('zeroShot', backbone.config),
    });
    const feature = tf.tidy(() => {
      // Any feature does: both models have the same image tower.
      const [before, after] = [zeroShot, coop].map(logits);
      expect(largestDifference(before, after)).toBeGreaterThan(1e-3);
      return tf.randomNormal([1, 16], 0, 1, 'float32', 5);
    });
    const head = coop.getLayer('logits');
    const texts = tf.tidy(() => {
      const tokens = coop.getLayer('text/class_tokens').getWeights()[0];
      expect(tokens.shape).toEqual([3, 4, WIDTH]);
      const prompted = coop.getLayer('text/prompt_0').apply(tokens) as tf.Tensor;
      return coop.getLayer('text/projection').apply(coop.getLayer('text/pool').apply(prompted)) as tf.Tensor;
    });
    const sentences = CLASSES.map((name) => `a photo of a ${name}.`);
    const expected = await expectedLogits(feature, sentences, shift);
    expect(largestDifference(head.apply([feature, texts]) as tf.Tensor, expected)).toBeLessThan(1e-4);
  });

  test('each class can learn a shift of its own', async () => {
    const design = promptDesign('coop', backbone.config, { length: 1, contexts: 'perClass' });
    const coop = await tunedClip(backbone, 'coop', { classNames: CLASSES });
    const perClass = await buildClip(backbone, { classNames: CLASSES, design });
    expect(perClass.getLayer('text/prompt_0').getWeights()[0].shape).toEqual([3, 1, WIDTH]);
    expect(logits(perClass).shape).toEqual(logits(coop).shape);
    await expect(swapClassNames(perClass, backbone, ['owl'])).rejects.toThrow(/a context of its own/);
  });

  test('MaPLe learns every prompt and coupler, and the gradients are those of finite differences', async () => {
    const fresh = await buildClip(backbone, { classNames: CLASSES, design: promptDesign('maple', backbone.config) });
    expect(learned(fresh)).toEqual([
      'coupler_0/bias',
      'coupler_0/kernel',
      'coupler_1/bias',
      'coupler_1/kernel',
      'text/prompt_0/prompt',
      'text/prompt_1/prompt',
    ]);
    const counted = fresh.trainableWeights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a! * b!, 1)!, 0);
    expect(trainedParameters(promptDesign('maple', backbone.config), backbone.config, 3)).toBe(counted);

    const labels = tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    const loss = () =>
      tf.tidy(() => tf.losses.softmaxCrossEntropy(labels, fresh.apply(images) as tf.Tensor) as tf.Scalar);
    const variables = fresh.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads, value } = tf.variableGrads(loss, variables);
    value.dispose();
    for (const variable of variables) {
      const gradient = grads[variable.name].dataSync() as Float32Array;
      const at = gradient.reduce(
        (best, entry, index) => (Math.abs(entry) > Math.abs(gradient[best]) ? index : best),
        0,
      );
      expect(Math.abs(gradient[at])).toBeGreaterThan(1e-4);
      const start = Float32Array.from(variable.dataSync());
      const lossAt = (change: number): number => {
        const moved = Float32Array.from(start);
        moved[at] += change;
        return tf.tidy(() => {
          variable.assign(tf.tensor(moved, variable.shape));
          return loss().dataSync()[0];
        });
      };
      const step = 0.02;
      const numeric = (8 * (lossAt(step) - lossAt(-step)) - (lossAt(2 * step) - lossAt(-2 * step))) / (12 * step);
      lossAt(0);
      expect(Math.abs(numeric - gradient[at])).toBeLessThan(0.03 * Math.abs(gradient[at]) + 1e-4);
    }
  });

  test('is saved and loaded as one model, without the encoder, and says the same', async () => {
    await inFolder(async (folder) => {
      await model.save(fileHandler(folder));
      const loaded = await loadLayersModel(fileHandler(folder));
      expect(largestDifference(logits(loaded), logits(model))).toBe(0);
      expect(classNamesOf(loaded)).toEqual(CLASSES);
      expect(modelMetadata(loaded).config).toEqual(backbone.config);

      const swapped = await swapClassNames(loaded, backbone, ['owl', 'fox']);
      const fresh = await swapClassNames(model, backbone, ['owl', 'fox']);
      expect(logits(swapped).shape).toEqual([4, 2]);
      expect(largestDifference(logits(swapped), logits(fresh))).toBe(0);
      const back = await swapClassNames(swapped, backbone, CLASSES);
      expect(largestDifference(logits(back), logits(model))).toBe(0);
    });
  });

  test('takes descriptions of any length, and keeps them in the model', async () => {
    const design = promptDesign('maple', backbone.config);
    const descriptions = { cat: LONG, dog: ['It barks.', 'It fetches sticks.'] };
    expect(LONG.split(' ').length).toBeGreaterThan(300);
    const [described, named] = [
      await buildClip(backbone, { classNames: CLASSES, design, descriptions }),
      await buildClip(backbone, { classNames: CLASSES, design }),
    ];
    const tokens = await described.getLayer('text/class_tokens').getWeights()[0].array();
    const vector = await vectorOf(LONG);
    (tokens as number[][][])[1][2].forEach((value, at) => expect(value).toBeCloseTo(vector[at], 3));
    const [one, other] = [(await logits(described).array())[0], (await logits(named).array())[0]];
    expect(one[0]).toBeCloseTo(other[0], 4);
    expect(Math.abs(one[1] - other[1])).toBeGreaterThan(1e-3);
    expect(Math.abs(one[2] - other[2])).toBeGreaterThan(1e-3);
    await inFolder(async (folder) => {
      await described.save(fileHandler(folder));
      expect(modelMetadata(await loadLayersModel(fileHandler(folder))).descriptions).toEqual(descriptions);
    });
    await inFolder(async (folder) => {
      await savePrompts(described, folder);
      const loaded = await loadPrompts(folder, backbone);
      expect(largestDifference(logits(loaded), logits(described))).toBeLessThan(1e-5);
      const other = await loadPrompts(folder, backbone, { descriptions: {} });
      expect(largestDifference(logits(other), logits(named))).toBeLessThan(1e-5);
    });
    const swapped = await swapClassNames(described, backbone, ['cat', 'owl'], { descriptions: { cat: LONG } });
    expect(
      largestDifference(tf.slice(logits(swapped), [0, 0], [4, 1]), tf.slice(logits(described), [0, 1], [4, 1])),
    ).toBe(0);
  });

  test('folds to its image tower with the same logits', async () => {
    const folded = await foldClassifier(model);
    expect(folded.layers.some(({ name }) => name.startsWith('text/p'))).toBe(false);
    expect(largestDifference(logits(folded), logits(model))).toBeLessThan(1e-5);
  });

  test('its prompts are saved alone, and load on the same backbone only', async () => {
    await inFolder(async (folder) => {
      await savePrompts(model, folder);
      const loaded = await loadPrompts(folder, backbone);
      expect(largestDifference(logits(loaded), logits(model))).toBeLessThan(1e-5);
      await expect(loadPrompts(folder, await tinySentenceBackbone(undefined, 4))).rejects.toThrow(/were learned on/);
      const file = join(folder, 'adapter_config.json');
      const config = await readFile(file, 'utf8');
      for (const wrong of ['[]', '{"cat": 3}', '{"cat": []}', '{"cat": ""}']) {
        await writeFile(file, config.replace('{', `{"descriptions": ${wrong},`));
        await expect(loadPrompts(folder, backbone)).rejects.toThrow(
          /`descriptions` of .* must be an object of strings/,
        );
      }
    });
  });

  test('takes the methods it has places for, and refuses the others by name', () => {
    expect(methodsFor(backbone.config)).toEqual(['zeroShot', 'coop', 'vpt', 'shallowMaple', 'unifiedMaple', 'maple']);
    for (const method of ['cocoop', 'deepLanguage', 'ivlp'] as const) {
      expect(() => promptDesign(method, backbone.config)).toThrow(/no promptable layers/);
    }
  });

  test.each(['vpt', 'shallowMaple', 'unifiedMaple'] as const)('%s trains on it', async (method) => {
    const { classNames } = tinyDataset();
    const before = await buildClip(backbone, { classNames, design: promptDesign(method, backbone.config) });
    const after = await tunedClip(backbone, method, { classNames });
    const weights = (of: LayersModel) => of.trainableWeights.map((weight) => weight.read());
    weights(before).forEach((weight, at) => {
      expect(largestDifference(weight, weights(after)[at])).toBeGreaterThan(0);
    });
    const frozen = (of: LayersModel) => of.nonTrainableWeights.map((weight) => weight.read());
    frozen(before).forEach((weight, at) => expect(largestDifference(weight, frozen(after)[at])).toBe(0));
  });

  test('an encoder that gives vectors of another width is refused, with nothing left behind', async () => {
    const other = await tinySentenceBackbone(async (sentences) => sentences.map(() => [1, 2, 3]));
    const before = tf.memory().numTensors;
    const design = promptDesign('maple', backbone.config);
    await expect(buildClip(other, { classNames: CLASSES, design })).rejects.toThrow(/must give \[3, 12\].*\[3, 3\]/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
