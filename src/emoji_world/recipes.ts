import type { RunMethod } from '../evaluation/run_methods.js';
import { paperRecipeOf } from '../study/paper_recipes.js';
import type { Recipe } from '../training/recipe.js';

/** A crop of 8% of a 64 x 64 scene, the official recipes' least, shows nothing that could be named. */
const LEAST_CROP = 0.5;
/** CoOp's 50 epochs are 10 to 15 steps each here; by 20 its loss is level. */
const COOP_EPOCHS = 20;
/** CoCoOp's 10 epochs of single pictures would be half of the study's time; it is given half of them. */
const COCOOP_EPOCHS = 5;
const COCOOP_TRANSFER_EPOCHS = 2;

/**
 * How each method is trained on Emoji World: the paper's recipe, with milder crops for small pictures and fewer epochs
 * of CoOp and CoCoOp. Crops and CoOp's epochs were chosen on the validation style (docs/results.md). Depths are the
 * paper's for twelve blocks; a run cuts them to the blocks there are.
 */
export function emojiRecipe(method: RunMethod): Recipe {
  return fitted(paperRecipeOf(method, 'base-to-new'), { coop: COOP_EPOCHS, cocoop: COCOOP_EPOCHS }, method);
}

/**
 * How each method is trained on the source for cross-dataset transfer and domain generalisation (MaPLe, sections 4.3
 * and 4.4): MaPLe and its variants for 2 epochs at 0.0026, CoCoOp for as many, the others as in {@link emojiRecipe}.
 */
export function emojiTransferRecipe(method: RunMethod): Recipe {
  return fitted(paperRecipeOf(method, 'transfer'), { coop: COOP_EPOCHS, cocoop: COCOOP_TRANSFER_EPOCHS }, method);
}

function fitted(recipe: Recipe, epochs: Partial<Record<RunMethod, number>>, method: RunMethod): Recipe {
  const augmentation = { ...recipe.augmentation, scale: [LEAST_CROP, 1] as const };
  return { ...recipe, epochs: epochs[method] ?? recipe.epochs, augmentation };
}
