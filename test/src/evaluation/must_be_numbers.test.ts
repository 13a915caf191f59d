import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { evaluateData } from '../../../src/evaluation/evaluate_data.js';
import { KnownFeatures } from '../../../src/evaluation/known_features.js';
import { mustBeNumbers } from '../../../src/evaluation/must_be_numbers.js';
import { zeroShotClassifier } from '../../../src/evaluation/zero_shot.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

test('names the first picture with a value that is no number', () => {
  expect(() => mustBeNumbers(Float32Array.of(1, 2, 3, 4, 5, Infinity), 2, (row) => `row ${row}`)).toThrow(
    /^The model gives Infinity for row 2, a picture that can be read, so its weights are damaged or not numbers\. /,
  );
  expect(() => mustBeNumbers(Float32Array.of(1, -2), 2, String)).not.toThrow();
});

describe.each(['wasm', 'cpu'])('a class whose text feature is no number, on %s', (backend) => {
  const { classNames, test: examples } = tinyDataset();
  let model: LayersModel;

  beforeAll(async () => {
    await chooseBackend('wasm');
    await tf.setBackend(backend);
    model = await zeroShotClassifier(await tinyBackbone(), classNames);
    const texts = model.getLayer('text/features');
    texts.setWeights(
      texts.getWeights().map((weight) => {
        const values = Float32Array.from(weight.dataSync());
        // Of one class only: argMax would pass it over.
        values.fill(NaN, values.length - weight.shape[1]!);
        return tf.tensor(values, weight.shape);
      }),
    );
  });
  afterAll(async () => {
    model.dispose();
    await tf.setBackend('wasm');
  });

  const told = `The model gives NaN for ${examples[0].name}, a picture that can be read`;

  test('has no accuracy', async () => {
    const before = tf.memory().numTensors;
    await expect(evaluateClassifier(model, examples)).rejects.toThrow(told);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('nor have data of its classes', async () => {
    await expect(evaluateData(model, { classNames, examples })).rejects.toThrow('The model gives NaN for');
  });

  test('nor what stands on its features', async () => {
    const known = await KnownFeatures.of(model, examples);
    await expect(known.test(examples)).rejects.toThrow(told);
  });
});
