import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { PictureTransform } from '../data/picture_transform.js';
import { mustHold } from '../must_hold.js';

/** How the learning rate goes: down a cosine behind a warm-up, or not at all. */
export const SCHEDULE_NAMES = ['cosine', 'constant'] as const;

/** Name of a schedule. */
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** Losses of prompt tuning: MaPLe's, and SigLIP's. */
export const LOSS_NAMES = ['softmax', 'sigmoid'] as const;

/** Optimisers of prompt tuning: {@link PromptSgd}, MaPLe's, and {@link AdamW}. */
export const OPTIMIZER_NAMES = ['sgd', 'adamw'] as const;

/** Name of an optimiser. */
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

/** Name of a loss. */
export type LossName = (typeof LOSS_NAMES)[number];

/** Everything a run of prompt tuning is set by, but the data and the seed. Lengths of time are in epochs. */
export interface Recipe {
  /** Layers that take fresh prompts. */
  depth: number;
  /** Prompt vectors a layer. */
  length: number;
  /** The highest learning rate. */
  learningRate: number;
  /** The learning rate of epoch 0. */
  warmupLearningRate: number;
  /** Of `adamw` beta1, the decay of the mean of gradients. */
  momentum: number;
  /** L2: this share of the weight is added to its gradient. Of `adamw` the share of the weight that goes each step. */
  weightDecay: number;
  /** Pictures a step; the last short batch of an epoch is left out. */
  batchSize: number;
  epochs: number;
  /** Training pictures a class. */
  shots: number;
  /** How a training picture is varied. */
  augmentation: Augmentation;
  /** `softmax` over the classes, or `sigmoid`: each class a yes or no of its own (SigLIP). Default: `softmax`. */
  loss?: LossName;
  /** `sgd` with momentum and L2 decay, or `adamw`. Default: `sgd`. */
  optimizer?: OptimizerName;
  /** `cosine` behind a warm-up of one epoch, or a `constant` rate from the first. Default: `cosine`. */
  schedule?: ScheduleName;
}

/** A random crop, resized to the model's input, and a random mirroring. */
export interface Augmentation {
  /** Least and greatest share of the picture's area that a crop covers. */
  scale: readonly [number, number];
  /** Least and greatest ratio of a crop's width to its height. */
  ratio: readonly [number, number];
  /** Probability of a horizontal flip. */
  flip: number;
  /**
   * A picture whose shorter side is longer than this many times the model's image size is reduced to that first, once, and
   * kept in memory, so that many epochs of a camera's pictures cost one. Crops of `scale` should still be larger than the
   * image size. Default: pictures are decoded anew and cropped as they are, as in the official code.
   */
  reduceTo?: number;
}

/** What of an augmentation is done to each picture anew. */
export function augmentTransform(
  size: number,
  { scale, ratio, flip }: Augmentation,
): PictureTransform & { kind: 'augment' } {
  return { kind: 'augment', size, scale, ratio, flip };
}

/** What all recipes of the paper share: the defaults of the official training engine. */
const COMMON = {
  warmupLearningRate: 1e-5,
  momentum: 0.9,
  weightDecay: 5e-4,
  shots: 16,
  augmentation: { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], flip: 0.5 },
} as const;

/**
 * The recipes behind the published figures (ViT-B/16, seeds 1, 2 and 3, the last epoch's weights). Change one by
 * spreading it: `{ ...recipes.mapleBaseToNew, epochs: 20 }`.
 */
export const recipes = {
  /** MaPLe, base-to-new. */
  mapleBaseToNew: { ...COMMON, learningRate: 0.0035, batchSize: 4, epochs: 5, depth: 9, length: 2 },
  /** MaPLe, cross-dataset and domain generalisation: trained on all classes of ImageNet. */
  mapleCrossDataset: { ...COMMON, learningRate: 0.0026, batchSize: 4, epochs: 2, depth: 3, length: 2 },
  /** Independent prompts in both towers. */
  ivlp: { ...COMMON, learningRate: 0.0035, batchSize: 4, epochs: 5, depth: 12, length: 2 },
  /** Prompts in the image tower only. */
  vpt: { ...COMMON, learningRate: 0.0025, batchSize: 4, epochs: 5, depth: 12, length: 8 },
  /** Deep prompts in the text tower only. */
  deepLanguage: { ...COMMON, learningRate: 0.0025, batchSize: 4, epochs: 5, depth: 12, length: 4 },
  /** CoOp as base-to-new takes it: 4 vectors from "a photo of a". */
  coop: { ...COMMON, learningRate: 0.002, batchSize: 32, epochs: 50, depth: 1, length: 4 },
  /** CoOp as its own paper takes it for 16 shots on all classes: 16 random vectors. */
  coopAllClasses: { ...COMMON, learningRate: 0.002, batchSize: 32, epochs: 200, depth: 1, length: 16 },
  /** CoCoOp. */
  cocoop: { ...COMMON, learningRate: 0.002, batchSize: 1, epochs: 10, depth: 1, length: 4 },
} as const satisfies Record<string, Recipe>;

/** A recipe with every field, the usual choice where one was left out. */
export function completeRecipe(recipe: Recipe): Required<Recipe> {
  return { loss: 'softmax', optimizer: 'sgd', schedule: 'cosine', ...recipe };
}

const AUGMENTATION_FIELDS: SettingNames<Augmentation> = { scale: true, ratio: true, flip: true, reduceTo: true };
const RECIPE_FIELDS: SettingNames<Recipe> = {
  depth: true,
  length: true,
  learningRate: true,
  warmupLearningRate: true,
  momentum: true,
  weightDecay: true,
  batchSize: true,
  epochs: true,
  shots: true,
  augmentation: true,
  loss: true,
  optimizer: true,
  schedule: true,
};

/**
 * Checks that a recipe can be trained by.
 * @throws MapleError naming the field, what it must be and what was received
 */
export function validateRecipe(recipe: Recipe): void {
  checkKnown('The recipe', recipe, RECIPE_FIELDS);
  checkKnown("The recipe's `augmentation`", recipe.augmentation, AUGMENTATION_FIELDS);
  for (const field of ['depth', 'length', 'batchSize', 'epochs', 'shots'] as const) {
    mustHold(field, recipe[field], Number.isInteger(recipe[field]) && recipe[field] > 0, 'a positive integer');
  }
  const { learningRate, warmupLearningRate, momentum, weightDecay, augmentation } = recipe;
  mustHold('learningRate', learningRate, isFinitePositive(learningRate), 'a positive number');
  mustHold('warmupLearningRate', warmupLearningRate, isFinitePositive(warmupLearningRate), 'a positive number');
  mustHold('momentum', momentum, momentum >= 0 && momentum < 1, 'in [0, 1)');
  mustHold('weightDecay', weightDecay, weightDecay >= 0 && weightDecay < 1, 'in [0, 1)');
  const { loss, optimizer, schedule } = completeRecipe(recipe);
  mustHold('loss', loss, LOSS_NAMES.includes(loss), LOSS_NAMES.join(' or '));
  mustHold('optimizer', optimizer, OPTIMIZER_NAMES.includes(optimizer), OPTIMIZER_NAMES.join(' or '));
  mustHold('schedule', schedule, SCHEDULE_NAMES.includes(schedule), SCHEDULE_NAMES.join(' or '));
  const { scale, ratio, flip, reduceTo = 1 } = augmentation;
  mustHold('augmentation.scale', scale, isRange(scale) && scale[1] <= 1, '[least, greatest] within (0, 1]');
  mustHold('augmentation.ratio', ratio, isRange(ratio), '[least, greatest], both positive');
  mustHold('augmentation.flip', flip, flip >= 0 && flip <= 1, 'a probability in [0, 1]');
  mustHold('augmentation.reduceTo', reduceTo, Number.isFinite(reduceTo) && reduceTo >= 1, 'a number of at least 1');
}

function isFinitePositive(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

function isRange(range: readonly number[]): boolean {
  return range.length === 2 && range.every(isFinitePositive) && range[0] <= range[1];
}
