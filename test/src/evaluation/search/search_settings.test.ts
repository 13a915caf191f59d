import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../../src/backbone/backbone.js';
import { buildClip } from '../../../../src/clip/build_clip.js';
import { measureOn } from '../../../../src/evaluation/search/measure.js';
import { searchSettings, type SearchSettingsArgs } from '../../../../src/evaluation/search/search_settings.js';
import { chooseBackend } from '../../../../src/node/backend.js';
import { promptDesign } from '../../../../src/prompting/presets.js';
import { recipes } from '../../../../src/training/recipe.js';
import { tunePrompts } from '../../../../src/training/tune_prompts.js';
import { tinyBackbone } from '../../../helpers/tiny_clip.js';
import { tinyDataset } from '../../../helpers/tiny_dataset.js';

describe('searchSettings', () => {
  const { classNames, train, validation } = tinyDataset();
  const usual = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 2, depth: 2 };
  let backbone: Backbone;

  const build = (): Promise<LayersModel> =>
    buildClip(backbone, { classNames, design: promptDesign('maple', backbone.config, { depth: 2 }), seed: 1 });
  const learned = (model: LayersModel): number[][] =>
    model.trainableWeights.map((weight) => Array.from(weight.read().dataSync()));
  const search = async (changes: Partial<SearchSettingsArgs> = {}) => {
    const model = await build();
    const stages: string[] = [];
    const found = await searchSettings({
      model,
      recipe: usual,
      parts: { train, validation, heldOut: false },
      classes: classNames.length,
      seed: 1,
      onStage: (text) => stages.push(text),
      ...changes,
    });
    return { model, found, stages };
  };

  beforeAll(async () => {
    await chooseBackend('wasm');
    backbone = await tinyBackbone();
  });
  afterEach(() => tf.disposeVariables());

  test('takes the usual recipe at once where it is as good as what else there is', async () => {
    const { found, stages } = await search({ enough: 0 });
    expect(found.recipe).toEqual(usual);
    expect(found.search).toEqual({ chosen: 0, heldOut: false, rungs: [expect.objectContaining({ epochs: 2 })] });
    expect(found.search.rungs[0].losses).toHaveLength(2);
    expect(stages).toHaveLength(1);
  });

  test('else goes down from its rate, gives up what is behind, and tells why', async () => {
    const { found } = await search({ enough: 2 });
    const [first, ...gentler] = found.search.rungs;
    expect([first.learningRate, first.losses.length, first.givenUp]).toEqual([0.02, 2, undefined]);
    expect(gentler.map(({ learningRate }) => learningRate)).toEqual(
      [0.04, 0.04 / 3, 0.04 / 9].slice(0, gentler.length).map((rate) => expect.closeTo(rate, 12)),
    );
    const ended = gentler.filter(({ givenUp }) => givenUp === undefined);
    expect(ended).toHaveLength(1);
    expect(ended[0].losses).toHaveLength(ended[0].epochs);
    gentler
      .filter((rung) => rung !== ended[0])
      .forEach((rung) => {
        expect(rung.givenUp).toMatch(
          /^([\d.]+% right after 5 epochs, where another had [\d.]+%|after 5 epochs a loss of 1\.\d\d, where guessing .*)$/,
        );
        expect(rung.losses).toHaveLength(5);
      });
    // One that collapsed is followed by a gentler one, so far as there is one.
    const guessed = gentler.map(({ givenUp = '' }) => givenUp.startsWith('after 5 epochs a loss'));
    expect(guessed).toContain(true);
    expect(gentler.length).toBeGreaterThan(Math.min(2, guessed.indexOf(true) + 1));
  }, 120_000);

  test('begins anew with three times the epochs where few of its own pictures are learned soon', async () => {
    const { found, stages } = await search({ recipe: { ...usual, learningRate: 0.002 }, enough: 2 });
    const long = found.search.rungs[found.search.rungs.length - 1];
    expect([found.search.chosen, found.recipe.epochs]).toEqual([found.search.rungs.length - 1, long.epochs]);
    expect([long.epochs, long.losses.length]).toEqual([90, 90]);
    expect(long.checked.map(({ epoch }) => epoch)).toEqual([15, 30, 45, 60, 75, 90]);
    const short = found.search.rungs.find(
      ({ learningRate, epochs }) => learningRate === long.learningRate && epochs === 30,
    );
    expect(short?.givenUp).toMatch(/^[1-4]?\d\.\d% of its own pictures right after 5 epochs: too few in all$/);
    expect(stages[stages.length - 1]).toBe('Looking for settings: AdamW at rate 0.0013, 16 a batch, 90 epochs');
    // Trained to its end on all shots: not to be trained again.
    expect(found.state?.epoch).toBe(90);
  }, 120_000);

  test('does not go on beyond its half with what has collapsed', async () => {
    const { found } = await search({ recipe: { ...usual, learningRate: 1e-9 }, enough: 2, startLoss: 0 });
    const long = found.search.rungs[found.search.rungs.length - 1];
    expect([long.epochs, long.losses.length]).toEqual([90, 45]);
    expect(long.givenUp).toMatch(/^after 45 epochs a loss of/);
  }, 120_000);

  test('leaves the model as the figures are of, and repeats to the last bit', async () => {
    const [one, other] = [await search({ enough: 2 }), await search({ enough: 2 })];
    expect(await measureOn(one.model, validation)).toEqual(one.found.validation);
    expect(other.found.search).toEqual(one.found.search);
    expect(learned(other.model)).toEqual(learned(one.model));
  }, 240_000);

  test('what it hands over is the training of what it found, to the last bit', async () => {
    const { found } = await search({ enough: 0 });
    const model = await build();
    const history = await tunePrompts({ model, examples: train, recipe: found.recipe, seed: 1 });
    expect(found.state?.history).toEqual(history);
    expect(found.state?.weights.map(({ values }) => Array.from(values))).toEqual(learned(model));
  });

  test('gives the usual recipe up when its second epoch still guesses', async () => {
    const { found } = await search({ recipe: { ...usual, learningRate: 1e-4, epochs: 5 }, enough: 0 });
    const [first] = found.search.rungs;
    expect(first.losses).toHaveLength(2);
    expect(first.givenUp).toMatch(/^after 2 epochs a loss of 1\.\d\d, where guessing among 4 classes has 1\.39$/);
    expect(found.search.chosen).toBeGreaterThan(0);
  }, 120_000);

  test('hands nothing over where validation pictures are shots, which are to be trained on', async () => {
    const parts = { train: train.slice(0, 12), validation: train.slice(12), heldOut: true };
    expect((await search({ enough: 0, parts })).found.state).toBeUndefined();
  });

  test('a rate at which the loss is no number is given up, and gentler ones are tried', async () => {
    const { found } = await search({ recipe: { ...usual, learningRate: 1e18 }, enough: 0 }).catch((error: Error) => ({
      found: error,
    }));
    // No fraction of it trains either.
    expect(String(found)).toMatch(/^MapleError: No training kept a loss that is a number, from the usual rate down to/);
  });

  test('leaks no tensor', async () => {
    const { model } = await search({ enough: 0 });
    const before = tf.memory().numTensors;
    await searchSettings({
      ...{ model, recipe: usual, classes: classNames.length, seed: 1, enough: 0 },
      parts: { train, validation, heldOut: false },
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
