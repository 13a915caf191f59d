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

/** The paper's recipes, as they are. */
export const paperRecipeOf: RecipeOf = (method, protocol) =>
  (protocol === 'transfer' ? TRANSFER[method] : undefined) ?? BASE_TO_NEW[method];
