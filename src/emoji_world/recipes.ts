import type { Method } from '../prompting/presets.js';
import { recipes, type Recipe } from '../training/recipe.js';

/** A crop of 8% of a 64 x 64 scene, the official recipes' least, shows nothing that could be named. */
const LEAST_CROP = 0.5;
/** CoOp's 50 epochs are 15 steps each here; by 20 its loss is level. */
const COOP_EPOCHS = 20;

/**
 * How each method is trained on Emoji World: the paper's recipe, with milder crops for small pictures and fewer epochs
 * of CoOp. Both were chosen on the validation style (docs/results.md).
 */
export function emojiRecipe(method: Method): Recipe {
  const recipe: Recipe =
    method === 'coop' ? { ...recipes.coop, epochs: COOP_EPOCHS } : { ...recipes.mapleBaseToNew, ...shallow(method) };
  return { ...recipe, augmentation: { ...recipe.augmentation, scale: [LEAST_CROP, 1] } };
}

function shallow(method: Method): Partial<Recipe> {
  return method === 'shallowMaple' ? { depth: 1 } : {};
}
