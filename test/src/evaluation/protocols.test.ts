import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { splitClasses } from '../../../src/data/class_split.js';
import type { ImageDataset } from '../../../src/data/dataset.js';
import { runBaseToNew } from '../../../src/evaluation/base_to_new.js';
import { runFewShot } from '../../../src/evaluation/few_shot.js';
import { runGallery } from '../../../src/evaluation/gallery.js';
import { runTransfer } from '../../../src/evaluation/transfer.js';
import { planRun, type RunArgs } from '../../../src/evaluation/tuned_run.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { runEnvironment } from '../../../src/node/environment.js';
import { recipes } from '../../../src/training/recipe.js';
import { tinyBackbone, tinyConfig } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

const dataset = tinyDataset();
let args: RunArgs;

beforeAll(async () => {
  const environment = runEnvironment(await chooseBackend('wasm'));
  const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.05, epochs: 2, shots: 4 };
  args = { backbone: await tinyBackbone(), dataset, method: 'maple', recipe, environment };
});
afterEach(() => tf.disposeVariables());

/** Runs twice and tells what tensors the second run left. */
async function leftBy(run: () => Promise<{ model: { dispose(): unknown } }>): Promise<number> {
  (await run()).model.dispose();
  const before = tf.memory().numTensors;
  (await run()).model.dispose();
  return tf.memory().numTensors - before;
}

describe('runTransfer', () => {
  const { base, new: novel } = splitClasses(dataset);
  const targets = [
    { dataset: novel, kind: 'dataset' as const },
    { dataset: { ...dataset, name: 'again' }, kind: 'domain' as const },
  ];

  test('tunes on the source and carries the same prompts to each target', async () => {
    const tested: [number, number][] = [];
    const onTest = (done: number, total: number) => tested.push([done, total]);
    const { record, model } = await runTransfer({ ...args, dataset: base, targets, onTest });
    model.dispose();
    expect(record.protocol).toBe('transfer');
    expect(record.dataset).toBe('tints, base classes');
    expect(record.source.classNames).toEqual(['cat', 'dog']);
    expect(record.targets.map(({ dataset, kind, classNames }) => [dataset, kind, classNames])).toEqual([
      ['tints, new classes', 'dataset', ['fox', 'owl']],
      ['again', 'domain', ['cat', 'dog', 'fox', 'owl']],
    ]);
    expect(tested).toEqual([
      [10, 40],
      [20, 40],
      [40, 40],
    ]);
    // Base to new is the transfer of the base half to the new one.
    const halves = await runBaseToNew(args);
    halves.model.dispose();
    expect(record.history).toEqual(halves.record.history);
    expect(record.source).toEqual(halves.record.base);
    expect(record.targets[0]).toMatchObject(halves.record.new);
  });

  test('a method that learns nothing takes each target’s own text', async () => {
    const template = 'drawing of a {}.';
    const own: ImageDataset = { ...dataset, template };
    const zeroShot = { ...args, method: 'zeroShot' as const };
    const run = await runTransfer({ ...zeroShot, targets: [{ dataset: own, kind: 'dataset' }] });
    const direct = await runFewShot({ ...zeroShot, dataset: own });
    run.model.dispose();
    direct.model.dispose();
    expect(run.record.targets[0].said).toEqual(direct.record.test.said);
    expect(direct.record.templates).toEqual([template]);
    expect('templates' in run.record).toBe(false);
  });

  test('leaves no tensor behind but the model', async () => {
    expect(await leftBy(() => runTransfer({ ...args, targets }))).toBe(0);
  });
});

describe('runFewShot', () => {
  test('tunes on all classes and tests among all of them', async () => {
    const { record, model } = await runFewShot(args);
    model.dispose();
    expect(record.shots).toBe(4);
    expect(record.test.classNames).toEqual(['cat', 'dog', 'fox', 'owl']);
    expect(record.test.labels).toHaveLength(20);
  });

  test('has no shots where nothing is learned', async () => {
    const { record, model } = await runFewShot({ ...args, method: 'zeroShot' });
    model.dispose();
    expect(record.shots).toBe(0);
  });

  test('more pictures than shots are refused', async () => {
    await expect(runFewShot({ ...args, recipe: { ...args.recipe, shots: 3 } })).rejects.toThrow(
      'at most `recipe.shots` a class, 3. Received: 4 of cat. Choose them with fewShots().',
    );
  });
});

describe('runGallery', () => {
  test('shows a few pictures a class as the base-to-new run answers them, with unit features', async () => {
    const encodeThumbnail = async ({ width }: { width: number }) => `data:image/png;base64,${width}`;
    const { record, model } = await runGallery({ ...args, encodeThumbnail, picturesPerClass: 3 });
    model.dispose();
    const halves = await runBaseToNew(args);
    halves.model.dispose();
    for (const half of ['base', 'new'] as const) {
      const { labels, said, features, thumbnails, classNames } = record[half];
      expect(classNames).toEqual(halves.record[half].classNames);
      expect(labels).toEqual([0, 0, 0, 1, 1, 1]);
      expect(said).toEqual([0, 1, 2, 5, 6, 7].map((index) => halves.record[half].said[index]));
      expect(thumbnails).toEqual({ 0: 'data:image/png;base64,20', 1: 'data:image/png;base64,20' });
      expect(features).toHaveLength(6);
      for (const feature of features) {
        expect(Math.hypot(...feature)).toBeCloseTo(1, 3);
        expect(feature.every((value) => value === Number(value.toFixed(4)))).toBe(true);
      }
    }
    expect(record.base.features[0]).not.toEqual(record.base.features[3]);
  });

  test('chooses classes at even distances', async () => {
    const encodeThumbnail = async () => '';
    const { record, model } = await runGallery({ ...args, method: 'zeroShot', encodeThumbnail, classes: 1 });
    model.dispose();
    expect(record.base.labels).toEqual([1, 1, 1, 1, 1]);
  });

  test('leaves no tensor behind but the model', async () => {
    const encodeThumbnail = async () => '';
    expect(await leftBy(() => runGallery({ ...args, encodeThumbnail }))).toBe(0);
  });
});

describe('planRun', () => {
  const config = tinyConfig({ vision: { layers: 5 } });
  const depths = (method: RunArgs['method'], depth: number, design?: RunArgs['design']) => {
    const plan = planRun({ method, recipe: { ...recipes.mapleBaseToNew, depth }, design }, config);
    return [plan.design.textDepth, plan.design.visionDepth, plan.recipe?.depth];
  };

  test('cuts a recipe’s depth to the towers that a method prompts', () => {
    expect(depths('maple', 9)).toEqual([2, 2, 2]);
    expect(depths('vpt', 9)).toEqual([0, 5, 5]);
    expect(depths('deepLanguage', 9)).toEqual([2, 0, 2]);
    expect(depths('maple', 1)).toEqual([1, 1, 1]);
    expect(depths('zeroShot', 9)).toEqual([0, 0, undefined]);
  });

  test('a varied depth goes before the recipe’s, and is not cut', () => {
    expect(depths('maple', 9, { depth: 1 })).toEqual([1, 1, 1]);
    expect(() => depths('maple', 9, { depth: 3 })).toThrow('`textDepth` must be an integer from 0 to 2');
  });
});

describe('what a run is told beside its method', () => {
  test('texts to average, for a method without text prompts, stand in its record', async () => {
    const templates = ['a photo of a {}.', 'the {}.'];
    const zeroShot = await runBaseToNew({ ...args, method: 'zeroShot', templates, setting: 'templates=2' });
    zeroShot.model.dispose();
    expect(zeroShot.record.templates).toEqual(templates);
    const maple = await runBaseToNew({ ...args, templates });
    maple.model.dispose();
    expect(maple.record.templates).toBeUndefined();
  });

  test('contexts of each class are counted for all of them', async () => {
    const recipe = { ...args.recipe, depth: 1 };
    const { record, model } = await runFewShot({ ...args, recipe, method: 'coop', design: { contexts: 'perClass' } });
    const [{ shape }] = model.trainableWeights;
    model.dispose();
    expect(shape).toEqual([dataset.classNames.length, 2, args.backbone.config.text.width]);
    expect(record.trainedParameters).toBe(dataset.classNames.length * 2 * args.backbone.config.text.width);
    expect(record.design.contexts).toBe('perClass');
  });
});
