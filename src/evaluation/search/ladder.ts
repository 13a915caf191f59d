import type { Recipe } from '../../training/recipe.js';

/** Pictures a step of the gentler trainings: its gradient errs less than that of the paper's four pictures. */
const BATCH_SIZE = 16;
/** What the usual rate is divided by, once the usual recipe was tried. */
const DIVISORS = [4, 12, 36];
/** Pictures that a gentler training sees, so far as that is not less than the recipe or more than {@link MOST_EPOCHS}. */
const PICTURES = 4800;
const MOST_EPOCHS = 30;
/** Share of a gentler training after which the rates are compared. */
const FIRST_SHARE = 1 / 6;

/** What the settings are chosen from. */
export interface Ladder {
  /** The recipe as it is: right where a backbone knows what the pictures show. */
  usual: Recipe;
  /** Recipes of falling rates, all below the usual one a picture, of the same batch and epochs. */
  gentler: Recipe[];
  /** Epochs after which the gentler ones are compared, and the best alone goes on. */
  firstEpochs: number;
  /** Epochs that the best can end with, rising; the last is the whole training. */
  checkpoints: number[];
}

/**
 * The ladder of a training: the usual recipe, then fractions of its rate for larger batches and more epochs. A rate is
 * meant for a picture: it is scaled as the batch is (Goyal et al., 2017, "linear scaling rule"). What the rungs are was
 * decided on validation pictures (docs/methods.md, "Settings from your own pictures").
 * @param recipe - the method's usual one
 * @param pictures - number of training pictures
 */
export function settingsLadder(recipe: Recipe, pictures: number): Ladder {
  const batchSize = Math.max(recipe.batchSize, Math.min(BATCH_SIZE, pictures));
  const epochs = Math.max(recipe.epochs, Math.min(MOST_EPOCHS, Math.ceil(PICTURES / pictures)));
  const firstEpochs = Math.min(epochs, Math.max(2, Math.ceil(epochs * FIRST_SHARE)));
  const checkpoints = [];
  for (let epoch = firstEpochs; epoch < epochs; epoch += firstEpochs) {
    checkpoints.push(epoch);
  }
  return {
    usual: recipe,
    gentler: DIVISORS.map((divisor) => ({
      ...recipe,
      learningRate: (recipe.learningRate * (batchSize / recipe.batchSize)) / divisor,
      batchSize,
      epochs,
    })),
    firstEpochs,
    checkpoints: [...checkpoints, epochs],
  };
}

/** What a training that guessed is begun anew with. */
export function gentler(recipe: Recipe): Recipe {
  return { ...recipe, learningRate: recipe.learningRate / 3 };
}

/** What of a recipe a search decides, for people. */
export function recipeText({ learningRate, batchSize, epochs }: Recipe): string {
  return `rate ${Number(learningRate.toPrecision(2))}, ${batchSize} a batch, ${epochs} epochs`;
}
