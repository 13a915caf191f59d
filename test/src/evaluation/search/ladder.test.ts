import { describe, expect, test } from '@jest/globals';
import { checkpointsOf, gentler, longer, settingsLadder } from '../../../../src/evaluation/search/ladder.js';
import { recipes } from '../../../../src/training/recipe.js';

describe('settingsLadder', () => {
  test("begins with the recipe, then goes down from its rate by AdamW's steps", () => {
    const ladder = settingsLadder(recipes.mapleBaseToNew, 160);
    expect(ladder.usual).toEqual(recipes.mapleBaseToNew);
    expect(ladder.gentler.map(({ batchSize, epochs }) => [batchSize, epochs])).toEqual([
      [32, 30],
      [32, 30],
      [32, 30],
    ]);
    const rates = ladder.gentler.map(({ learningRate }) => learningRate);
    expect(rates[0]).toBeCloseTo(0.0035 * Math.sqrt(8), 12);
    expect(rates[0] / rates[1]).toBeCloseTo(3, 12);
    expect(rates[1] / rates[2]).toBeCloseTo(3, 12);
    expect(ladder.gentler[0]).toMatchObject({
      optimizer: 'adamw',
      weightDecay: 0.01,
      augmentation: { scale: [0.5, 1] },
    });
    expect([ladder.firstEpochs, checkpointsOf(ladder.gentler[0])]).toEqual([5, [5, 10, 15, 20, 25, 30]]);
  });

  test('sees no more pictures than a few thousand, but all of the usual epochs', () => {
    expect(settingsLadder(recipes.mapleBaseToNew, 1600).gentler[0].epochs).toBe(5);
    expect(settingsLadder(recipes.mapleBaseToNew, 480).gentler[0].epochs).toBe(10);
    expect(settingsLadder(recipes.coop, 160).gentler[0].epochs).toBe(50);
  });

  test('is three times as long where that is too few, looked at as often', () => {
    const [first] = settingsLadder(recipes.mapleBaseToNew, 160).gentler;
    expect(longer(first)).toEqual({ ...first, epochs: 90 });
    expect(checkpointsOf(longer(first))).toEqual([15, 30, 45, 60, 75, 90]);
  });

  test('takes no larger batch than there are pictures, and never a smaller one than usual', () => {
    const few = settingsLadder(recipes.mapleBaseToNew, 10).gentler[0];
    expect([few.batchSize, few.learningRate]).toEqual([10, expect.closeTo(0.0035 * Math.sqrt(2.5), 12)]);
    expect(settingsLadder({ ...recipes.coop, batchSize: 64 }, 160).gentler[0].batchSize).toBe(64);
  });

  test('keeps the batch of a method whose memory grows with it', () => {
    const [first] = settingsLadder(recipes.cocoop, 160, recipes.cocoop.batchSize).gentler;
    expect([first.batchSize, first.learningRate]).toEqual([1, recipes.cocoop.learningRate]);
  });

  test('crops that are asked for to be larger stay so', () => {
    const augmentation = { ...recipes.mapleBaseToNew.augmentation, scale: [0.8, 1] } as const;
    const [first] = settingsLadder({ ...recipes.mapleBaseToNew, augmentation }, 160).gentler;
    expect(first.augmentation).toEqual({ ...augmentation, reduceTo: 3 });
  });
});

test('a training that guessed begins anew with a third of its rate', () => {
  expect(gentler(recipes.mapleBaseToNew)).toEqual({
    ...recipes.mapleBaseToNew,
    learningRate: expect.closeTo(0.0035 / 3, 12),
  });
});
