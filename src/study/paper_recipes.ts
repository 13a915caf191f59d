import type { Method } from '../prompting/presets.js';
import { recipes, type Recipe } from '../training/recipe.js';
import type { RecipeOf } from './study_data.js';

/** Base-to-new; `zeroShot` trains nothing and takes shots as MaPLe does. */
const BASE_TO_NEW: Record<Method, Recipe> = {
  zeroShot: recipes.mapleBaseToNew,
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
const TRANSFER: Partial<Record<Method, Recipe>> = {
  shallowMaple: { ...recipes.mapleCrossDataset, depth: 1 },
  unifiedMaple: recipes.mapleCrossDataset,
  maple: recipes.mapleCrossDataset,
};

/** Few-shot: CoOp as its own paper takes it (Zhou et al., IJCV 2022, section 4.1), the longer the more pictures. */
function fewShot(method: Method, shots = BASE_TO_NEW[method].shots): Recipe {
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
