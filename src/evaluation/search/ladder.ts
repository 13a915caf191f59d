import { completeRecipe, type Recipe } from '../../training/recipe.js';

/** Pictures a step of the gentler trainings: its gradient errs less than that of the paper's four pictures. */
const BATCH_SIZE = 32;
/** What the usual rate, scaled to the batch, is divided by. */
const DIVISORS = [1, 3, 9];
/** AdamW's usual decay. */
const WEIGHT_DECAY = 0.01;
/** Least share of a picture that a crop covers: where a backbone knows little of what is shown, a twelfth shows it nothing. */
const LEAST_CROP = 0.5;
/** Such crops need no more of a picture than this many times the model's pictures. */
const REDUCE_TO = 3;
/** Pictures that a gentler training sees, so far as that is not less than the recipe or more than {@link MOST_EPOCHS}. */
const PICTURES = 4800;
const MOST_EPOCHS = 30;
/** Share of a gentler training after which the rates are compared. */
const FIRST_SHARE = 1 / 6;
/** What the epochs of a training are multiplied by that has hardly begun to learn its own pictures by then. */
const LONGER = 3;

/** What the settings are chosen from. */
export interface Ladder {
  /** The recipe as it is: right where a backbone knows what the pictures show. */
  usual: Recipe;
  /** Recipes of falling rates, with AdamW's steps and larger crops, of the same batch and epochs. */
  gentler: Recipe[];
  /** Epochs after which the gentler ones are compared, and the best alone goes on. */
  firstEpochs: number;
}

/**
 * The ladder of a training: the usual recipe; then AdamW, whose steps are of one size whatever the gradient's, which is large
 * where a backbone is sure of what is wrong. Its rate is the usual one times the root of what the batch grows by (Malladi et
 * al., 2022, "square root scaling rule"), then fractions of that. What the rungs are was decided on validation pictures
 * (docs/methods.md, "Settings from your own pictures").
 * @param recipe - the method's usual one
 * @param pictures - number of training pictures
 * @param most - pictures a step at most, where the method's memory grows with them. Default: 32
 */
export function settingsLadder(recipe: Recipe, pictures: number, most = BATCH_SIZE): Ladder {
  const batchSize = Math.max(recipe.batchSize, Math.min(most, pictures));
  const rate = recipe.learningRate * Math.sqrt(batchSize / recipe.batchSize);
  const { scale } = recipe.augmentation;
  const epochs = Math.max(recipe.epochs, Math.min(MOST_EPOCHS, Math.ceil(PICTURES / pictures)));
  return {
    usual: recipe,
    gentler: DIVISORS.map((divisor) => ({
      ...recipe,
      optimizer: 'adamw',
      learningRate: rate / divisor,
      weightDecay: WEIGHT_DECAY,
      batchSize,
      epochs,
      augmentation: {
        ...recipe.augmentation,
        scale: [Math.min(scale[1], Math.max(scale[0], LEAST_CROP)), scale[1]],
        reduceTo: REDUCE_TO,
      },
    })),
    firstEpochs: epochsBetweenChecks(epochs),
  };
}

/** Epochs that a gentler training can end with, rising; the last is the whole training. */
export function checkpointsOf({ epochs }: Recipe): number[] {
  const between = epochsBetweenChecks(epochs);
  const checkpoints = [];
  for (let epoch = between; epoch < epochs; epoch += between) {
    checkpoints.push(epoch);
  }
  return [...checkpoints, epochs];
}

function epochsBetweenChecks(epochs: number): number {
  return Math.min(epochs, Math.max(2, Math.ceil(epochs * FIRST_SHARE)));
}

/** The same, long: for pictures that a backbone knows so little of that their training part is not learned in time. */
export function longer(recipe: Recipe): Recipe {
  return { ...recipe, epochs: LONGER * recipe.epochs };
}

/** What a training that guessed is begun anew with. */
export function gentler(recipe: Recipe): Recipe {
  return { ...recipe, learningRate: recipe.learningRate / 3 };
}

/** What of a recipe a search decides, for people. */
export function recipeText(recipe: Recipe): string {
  const { optimizer, learningRate, batchSize, epochs } = completeRecipe(recipe);
  const steps = { sgd: 'SGD', adamw: 'AdamW' }[optimizer];
  return `${steps} at rate ${Number(learningRate.toPrecision(2))}, ${batchSize} a batch, ${epochs} epochs`;
}
