import type { Method } from '../prompting/presets.js';
import { recipes, type Recipe } from '../training/recipe.js';

/**
 * How each method is trained on Emoji World: the paper's recipe, with the depth of the tiny CLIP's text tower. CoOp's
 * rate and epochs are scaled to a small model; they were chosen on the validation style (docs/results.md).
 */
export function emojiRecipe(method: Method): Recipe {
  if (method === 'coop') {
    return { ...recipes.coop, learningRate: 0.02, epochs: 20 };
  }
  return { ...recipes.mapleBaseToNew, depth: method === 'shallowMaple' ? 1 : 3 };
}
