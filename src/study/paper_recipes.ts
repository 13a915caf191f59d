import type { RunMethod } from '../evaluation/run_methods.js';
import { recipes, type Recipe } from '../training/recipe.js';
import type { RecipeOf } from './study_data.js';

/** Base-to-new; `zeroShot` trains nothing, heads have settings of their own, and both take shots as MaPLe does. */
const BASE_TO_NEW: Record<RunMethod, Recipe> = {
  zeroShot: recipes.mapleBaseToNew,
  tipAdapter: recipes.mapleBaseToNew,
  tipAdapterF: recipes.mapleBaseToNew,
  lpPlusPlus: recipes.mapleBaseToNew,
  coop: recipes.coop,
  cocoop: recipes.cocoop,
  vpt: recipes.vpt,
  deepLanguage: recipes.deepLanguage,
  ivlp: recipes.ivlp,
  shallowMaple: { ...recipes.mapleBaseToNew, depth: 1 },
  unifiedMaple: recipes.mapleBaseToNew,
  maple: recipes.mapleBaseToNew,
};

/** What is otherwise when all classes of a source are trained on. */
const TRANSFER: Partial<Record<RunMethod, Recipe>> = {
  shallowMaple: { ...recipes.mapleCrossDataset, depth: 1 },
  unifiedMaple: recipes.mapleCrossDataset,
  maple: recipes.mapleCrossDataset,
};

/** Few-shot: CoOp as its own paper takes it (Zhou et al., IJCV 2022, section 4.1), the longer the more pictures. */
function fewShot(method: RunMethod, shots = BASE_TO_NEW[method].shots): Recipe {
  if (method !== 'coop') {
    return BASE_TO_NEW[method];
  }
  return { ...recipes.coopAllClasses, epochs: shots >= 8 ? 200 : shots >= 2 ? 100 : 50 };
}

/** The papers' recipes, as they are. */
export const paperRecipeOf: RecipeOf = (method, protocol, shots) => {
  switch (protocol) {
    case 'few-shot':
      return fewShot(method, shots);
    case 'transfer':
      return TRANSFER[method] ?? BASE_TO_NEW[method];
    default:
      return BASE_TO_NEW[method];
  }
};
