import type { Method } from '../prompting/presets.js';
import { recipes, type Recipe } from '../training/recipe.js';

/** A crop of 8% of a 64 x 64 scene, the official recipes' least, shows nothing that could be named. */
const LEAST_CROP = 0.5;
/** CoOp's 50 epochs are 15 steps each here; by 20 its loss is level. */
const COOP_EPOCHS = 20;

/** The paper's recipe of each method; `zeroShot` trains nothing and takes shots and pictures as MaPLe does. */
const PAPER: Record<Method, Recipe> = {
  zeroShot: recipes.mapleBaseToNew,
  coop: { ...recipes.coop, epochs: COOP_EPOCHS },
  cocoop: recipes.cocoop,
  vpt: recipes.vpt,
  deepLanguage: recipes.deepLanguage,
  ivlp: recipes.ivlp,
  shallowMaple: { ...recipes.mapleBaseToNew, depth: 1 },
  unifiedMaple: recipes.mapleBaseToNew,
  maple: recipes.mapleBaseToNew,
};

/** What of these is otherwise when trained on all classes of the source to be tested on other data. */
const PAPER_TRANSFER: Partial<Record<Method, Recipe>> = {
  shallowMaple: { ...recipes.mapleCrossDataset, depth: 1 },
  unifiedMaple: recipes.mapleCrossDataset,
  maple: recipes.mapleCrossDataset,
};

/**
 * How each method is trained on Emoji World: the paper's recipe, with milder crops for small pictures and fewer epochs
 * of CoOp. Both were chosen on the validation style (docs/results.md). Depths are the paper's for twelve blocks; a run
 * cuts them to the blocks there are.
 */
export function emojiRecipe(method: Method): Recipe {
  return withMilderCrop(PAPER[method]);
}

/**
 * How each method is trained on the source for cross-dataset transfer and domain generalisation (MaPLe, sections 4.3
 * and 4.4): MaPLe for 2 epochs at 0.0026, the others as in {@link emojiRecipe}.
 */
export function emojiTransferRecipe(method: Method): Recipe {
  return withMilderCrop(PAPER_TRANSFER[method] ?? PAPER[method]);
}

function withMilderCrop(recipe: Recipe): Recipe {
  return { ...recipe, augmentation: { ...recipe.augmentation, scale: [LEAST_CROP, 1] } };
}
