import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { classNamesOf } from '../../../src/backbone/model_metadata.js';
import { testTransform, toFloat } from '../../../src/data/preprocess.js';
import { runBaseToNew, type BaseToNewArgs } from '../../../src/evaluation/base_to_new.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { harmonicMean } from '../../../src/evaluation/metrics.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { runEnvironment } from '../../../src/node/environment.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { recipes } from '../../../src/training/recipe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

const dataset = tinyDataset();
let backbone: Backbone;
let args: BaseToNewArgs;

beforeAll(async () => {
  const environment = runEnvironment(await chooseBackend('wasm'));
  backbone = await tinyBackbone();
  const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.05, epochs: 4 };
  args = { backbone, dataset, method: 'maple', recipe, environment };
});
afterEach(() => tf.disposeVariables());

describe('evaluateClassifier', () => {
  test('says of each picture what the model itself says, in batches of any size', async () => {
    const design = promptDesign('maple', backbone.config);
    const model = await buildClip(backbone, { classNames: dataset.classNames, design });
    const pictures = await Promise.all(dataset.test.map(async (example) => testTransform(await example.load(), 16)));
    const images = tf.tensor4d(toFloat(pictures, backbone.imageStatistics), [pictures.length, 16, 16, 3]);
    const said = Array.from((tf.argMax(model.predict(images) as tf.Tensor, 1) as tf.Tensor).dataSync());

    const done: number[] = [];
    const before = tf.memory().numTensors;
    const metrics = await evaluateClassifier(model, dataset.test, { batchSize: 8, onProgress: (n) => done.push(n) });
    expect(metrics.said).toEqual(said);
    expect(done).toEqual([8, 16, 20]);
    expect(metrics.pictures).toBe(20);
    const right = said.filter((answer, index) => answer === dataset.test[index].label).length;
    expect(metrics.accuracy).toBeCloseTo(right / 20, 12);
    expect(metrics.labels).toEqual(dataset.test.map(({ label }) => label));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('runBaseToNew', () => {
  test('tunes on base classes only, and records both halves under their own names', async () => {
    const { record, model } = await runBaseToNew(args);
    expect(classNamesOf(model)).toEqual(['cat', 'dog']);
    expect(record.base.classNames).toEqual(['cat', 'dog']);
    expect(record.new.classNames).toEqual(['fox', 'owl']);
    expect([record.base.pictures, record.new.pictures]).toEqual([10, 10]);
    expect(record.base.accuracy).toBeGreaterThan(0.5);
    expect(record.harmonicMean).toBe(harmonicMean(record.base.accuracy, record.new.accuracy));
    // Two text prompts of 2 x 24, two couplers of 24 x 32 + 32: the tower's two layers, not the recipe's nine.
    expect(record.trainedParameters).toBe(2 * 2 * 24 + 2 * (24 * 32 + 32));
    expect(record.recipe?.depth).toBe(2);
    expect(record.history).toHaveLength(4);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });

  test('gives equal figures for equal seeds', async () => {
    const figures = async () => {
      const { record } = await runBaseToNew({ ...args, seed: 5 });
      return { history: record.history, base: record.base, new: record.new };
    };
    expect(await figures()).toEqual(await figures());
  });

  test('leaves no tensor behind but the model', async () => {
    (await runBaseToNew(args)).model.dispose();
    const before = tf.memory().numTensors;
    (await runBaseToNew(args)).model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('zero-shot trains nothing and needs no recipe in its record', async () => {
    const { record } = await runBaseToNew({ ...args, method: 'zeroShot' });
    expect(record.trainedParameters).toBe(0);
    expect(record.history).toEqual([]);
    expect('recipe' in record).toBe(false);
  });
});
