import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { type Recipe, recipes, validateRecipe } from '../../../src/training/recipe.js';

describe('recipes', () => {
  // The table of the paper's settings: learning rate, batch, epochs, depth, length.
  test.each<[keyof typeof recipes, number[]]>([
    ['mapleBaseToNew', [0.0035, 4, 5, 9, 2]],
    ['mapleCrossDataset', [0.0026, 4, 2, 3, 2]],
    ['ivlp', [0.0035, 4, 5, 12, 2]],
    ['vpt', [0.0025, 4, 5, 12, 8]],
    ['deepLanguage', [0.0025, 4, 5, 12, 4]],
    ['coop', [0.002, 32, 50, 1, 4]],
    ['coopAllClasses', [0.002, 32, 200, 1, 16]],
    ['cocoop', [0.002, 1, 10, 1, 4]],
  ])('%s is the official one', (name, expected) => {
    const { learningRate, batchSize, epochs, depth, length, ...common } = recipes[name];
    expect([learningRate, batchSize, epochs, depth, length]).toEqual(expected);
    expect(common).toEqual({
      warmupLearningRate: 1e-5,
      momentum: 0.9,
      weightDecay: 5e-4,
      shots: 16,
      augmentation: { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], flip: 0.5 },
    });
    expect(() => validateRecipe(recipes[name])).not.toThrow();
  });
});

describe('validateRecipe', () => {
  const { augmentation } = recipes.coop;

  test.each<[Partial<Recipe>, string]>([
    [{ depth: 0 }, '`depth` must be a positive integer. Received: 0.'],
    [{ length: 1.5 }, '`length` must be a positive integer. Received: 1.5.'],
    [{ batchSize: -4 }, '`batchSize` must be a positive integer. Received: -4.'],
    [{ epochs: NaN }, '`epochs` must be a positive integer. Received: NaN.'],
    [{ loss: 'hinge' as 'sigmoid' }, '`loss` must be softmax or sigmoid. Received: "hinge".'],
    [{ optimizer: 'adam' as 'adamw' }, '`optimizer` must be sgd or adamw. Received: "adam".'],
    [{ schedule: 'linear' as 'cosine' }, '`schedule` must be cosine or constant. Received: "linear".'],
    [
      { learningrate: 1 } as Partial<Recipe>,
      'The recipe has no setting `learningrate`. Do you mean `learningRate`? Known are depth, length, learningRate, ' +
        'warmupLearningRate, momentum, weightDecay, batchSize, epochs, shots, augmentation, loss, optimizer, schedule.',
    ],
    [{ shots: 0 }, '`shots` must be a positive integer. Received: 0.'],
    [{ learningRate: Infinity }, '`learningRate` must be a positive number. Received: Infinity.'],
    [{ warmupLearningRate: 0 }, '`warmupLearningRate` must be a positive number. Received: 0.'],
    [{ momentum: 1 }, '`momentum` must be in [0, 1). Received: 1.'],
    [{ weightDecay: -1 }, '`weightDecay` must be in [0, 1). Received: -1.'],
    [
      { augmentation: { ...augmentation, scale: [0.5, 1.2] } },
      '`augmentation.scale` must be [least, greatest] within (0, 1]. Received: 0.5,1.2.',
    ],
    [
      { augmentation: { ...augmentation, ratio: [2, 1] } },
      '`augmentation.ratio` must be [least, greatest], both positive. Received: 2,1.',
    ],
    [
      { augmentation: { ...augmentation, flip: 2 } },
      '`augmentation.flip` must be a probability in [0, 1]. Received: 2.',
    ],
    [
      { augmentation: { ...augmentation, reduceTo: 0.5 } },
      '`augmentation.reduceTo` must be a number of at least 1. Received: 0.5.',
    ],
  ])('refuses %o', (change, message) => {
    expect(() => validateRecipe({ ...recipes.coop, ...change })).toThrow(new MapleError(message));
  });
});
