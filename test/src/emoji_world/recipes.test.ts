import { describe, expect, test } from '@jest/globals';
import { emojiRecipe, emojiTransferRecipe } from '../../../src/emoji_world/recipes.js';
import { METHODS } from '../../../src/prompting/presets.js';
import { recipes, validateRecipe } from '../../../src/training/recipe.js';

describe('emojiRecipe', () => {
  test.each(METHODS)('%s: can be trained by, with crops of at least half a scene', (method) => {
    for (const recipe of [emojiRecipe(method), emojiTransferRecipe(method)]) {
      expect(() => validateRecipe(recipe)).not.toThrow();
      expect(recipe.augmentation).toEqual({ scale: [0.5, 1], ratio: [3 / 4, 4 / 3], flip: 0.5 });
    }
  });

  test('is the paper’s of each method in all else, but for the epochs of CoOp and CoCoOp', () => {
    const { augmentation } = emojiRecipe('vpt');
    expect(emojiRecipe('vpt')).toEqual({ ...recipes.vpt, augmentation });
    expect(emojiRecipe('cocoop')).toEqual({ ...recipes.cocoop, epochs: 5, augmentation });
    expect(emojiRecipe('coop')).toEqual({ ...recipes.coop, epochs: 20, augmentation });
    expect(emojiRecipe('shallowMaple')).toEqual({ ...recipes.mapleBaseToNew, depth: 1, augmentation });
  });
});

describe('emojiTransferRecipe', () => {
  test('trains MaPLe and its variants for 2 epochs at 0.0026, CoCoOp for 2, the others as usual', () => {
    const transfer = METHODS.map((method) => {
      const { learningRate, epochs, depth } = emojiTransferRecipe(method);
      return [method, learningRate, epochs, depth];
    });
    expect(transfer.slice(6)).toEqual([
      ['shallowMaple', 0.0026, 2, 1],
      ['unifiedMaple', 0.0026, 2, 3],
      ['maple', 0.0026, 2, 3],
    ]);
    expect(emojiTransferRecipe('cocoop')).toEqual({ ...emojiRecipe('cocoop'), epochs: 2 });
    for (const method of METHODS.slice(0, 6).filter((other) => other !== 'cocoop')) {
      expect(emojiTransferRecipe(method)).toEqual(emojiRecipe(method));
    }
  });
});
