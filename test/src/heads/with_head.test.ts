import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { foldClassifier, foldWherePossible } from '../../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { predictExamples } from '../../../src/evaluation/predict_examples.js';
import { classTexts, pictureFeatures } from '../../../src/heads/features.js';
import { fitHead } from '../../../src/heads/fit_head.js';
import { HEADS, type Head, type HeadKind } from '../../../src/heads/head.js';
import { headLogits } from '../../../src/heads/head_logits.js';
import { withHead } from '../../../src/heads/with_head.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptFiles } from '../../../src/weights/prompt_files.js';
import { largestDifference } from '../../helpers/close.js';
import { saveAndLoad } from '../../helpers/layer_probe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { tinySiglip } from '../../helpers/tiny_siglip.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

const { classNames, train, test: tested } = tinyDataset();

beforeAll(async () => {
  await chooseBackend('wasm');
});
afterEach(() => tf.disposeVariables());

async function fitted(model: LayersModel, kind: HeadKind): Promise<Head> {
  return fitHead(kind, { train: await pictureFeatures(model, train), texts: await classTexts(model) });
}

describe.each([
  ['CLIP', tinyBackbone],
  ["SigLIP's form", tinySiglip],
])('a head on a MaPLe of %s', (_, backboneOf) => {
  test.each(HEADS)('%s: the model says what the head says of features', async (kind) => {
    const model = await tunedClip(await backboneOf(), 'maple', { classNames });
    const head = await fitted(model, kind);
    const classifier = await withHead(model, head);
    const features = await pictureFeatures(model, tested);
    const expected = headLogits(head, features, await classTexts(model));

    const { said, accuracy } = await evaluateClassifier(classifier, tested);
    expect(said).toEqual(Array.from(tf.argMax(expected, 1).dataSync()));
    expect(accuracy).toBe(1);
    // Tests compare answers; predictions all probabilities.
    const rows: Float32Array[] = [];
    for await (const answer of predictExamples(classifier, tested)) {
      rows.push('probabilities' in answer ? answer.probabilities : new Float32Array(classNames.length));
    }
    const found = tf.tensor2d(rows.map((row) => Array.from(row)));
    expect(largestDifference(found, tf.softmax(expected))).toBeLessThanOrEqual(1e-4);
  });
});

describe('withHead', () => {
  test.each(HEADS)('%s: saved and loaded, it gives the same and knows its head', async (kind) => {
    const backbone = await tinyBackbone();
    const model = await tunedClip(backbone, 'ivlp', { classNames });
    const head = await fitted(model, kind);
    const classifier = await withHead(model, head);
    const loaded = await saveAndLoad(classifier);
    const images = somePictures(backbone, 3);
    expect(largestDifference(loaded.predict(images) as tf.Tensor, classifier.predict(images) as tf.Tensor)).toBe(0);
    expect(modelMetadata(loaded)).toMatchObject({ folded: true, classNames, head: { kind, shots: 4 } });
    expect(await foldClassifier(loaded)).toBe(loaded);
    expect(await foldWherePossible(loaded)).toBe(loaded);
    const ofHead = loaded.getLayer(kind === 'lpPlusPlus' ? 'probe' : 'cache');
    expect([ofHead.weights.length, ofHead.trainableWeights.length]).toEqual([kind === 'lpPlusPlus' ? 3 : 2, 0]);
    // Of the text tower nothing but the features.
    expect(loaded.layers.map(({ name }) => name).filter((name) => name.startsWith('text/'))).toEqual(['text/features']);
  });

  test.each(HEADS)('%s leaves the model below its weights, and no tensor, when it is disposed', async (kind) => {
    const model = await tunedClip(await tinyBackbone(), 'maple', { classNames });
    const folded = await foldClassifier(model);
    const held = tf.memory().numTensors;
    for (const below of [model, folded]) {
      const head = await fitted(below, kind);
      expect(tf.memory().numTensors).toBe(held);
      (await withHead(below, head)).dispose();
      expect(tf.memory().numTensors).toBe(held);
    }
  });

  test('features of a model with a head are those below it', async () => {
    const model = await tunedClip(await tinyBackbone(), 'vpt', { classNames });
    const plain = await pictureFeatures(model, tested);
    const classifier = await withHead(model, await fitted(model, 'tipAdapter'));
    const again = await pictureFeatures(classifier, tested);
    expect(largestDifference(tf.tensor1d(again.values), tf.tensor1d(plain.values))).toBeLessThanOrEqual(1e-5);
  });

  test('is refused where prompts are to be saved or class names swapped, by name', async () => {
    const backbone = await tinyBackbone();
    const model = await tunedClip(backbone, 'coop', { classNames });
    const classifier = await withHead(model, await fitted(model, 'lpPlusPlus'));
    await expect(promptFiles(classifier)).rejects.toThrow(
      'A model with a head (lpPlusPlus) has no text prompts and couplers any more. Give the model that the head was put ' +
        'on, or save this one whole with model.save.',
    );
    await expect(swapClassNames(classifier, backbone, ['fox'])).rejects.toThrow(
      'The head of this model (lpPlusPlus) was fitted on pictures of its own classes, and other classes have none. Swap ' +
        'the names of the model that the head was put on, and fit a head on pictures of the new classes.',
    );
    await expect(withHead(classifier, await fitted(model, 'tipAdapter'))).rejects.toThrow(
      'The model has a head already (lpPlusPlus). Give the model that the head was put on.',
    );
  });

  test('is refused to CoCoOp, whose texts depend on the picture', async () => {
    const backbone = await tinyBackbone();
    const coop = await tunedClip(backbone, 'coop', { classNames });
    const head = await fitted(coop, 'tipAdapter');
    const cocoop = await tunedClip(backbone, 'cocoop', { classNames });
    const message = 'those of a model whose texts are conditioned on the image (CoCoOp) differ from picture to picture';
    await expect(classTexts(cocoop)).rejects.toThrow(message);
    await expect(withHead(cocoop, head)).rejects.toThrow(message);
  });

  test('is refused of a head on other classes', async () => {
    const backbone = await tinyBackbone();
    const model = await tunedClip(backbone, 'coop', { classNames });
    const other = await tunedClip(backbone, 'coop', { classNames: classNames.slice(1) });
    await expect(withHead(other, await fitted(model, 'lpPlusPlus'))).rejects.toThrow(
      'The head must be fitted on this model: 3 classes, features of 16 numbers. Received: a head of 4 classes, on ' +
        'features of 16.',
    );
  });
});
