import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import { modelMetadata } from '../../backbone/model_metadata.js';
import { preparedExamples } from '../../data/kept_examples.js';
import { transformFor } from '../../data/picture_transform.js';
import type { SearchParts } from '../../data/search_parts.js';
import type { Recipe } from '../../training/recipe.js';
import type { TrainingState } from '../../training/training_state.js';
import type { SearchRung, SettingsSearch, ValidationFigures } from '../record.js';
import { checkpointsOf, longer, recipeText, settingsLadder } from './ladder.js';
import { RungTraining, type RungContext } from './rung.js';
import { standardError } from './standard_error.js';

/** Standard errors by which one of two trainings that have just begun must be ahead to be taken for the better. */
const CLEARLY = 2;
/** A training that has less of its own pictures right when it has just begun is given more epochs. */
const LEARNED_SOON = 0.5;

/** What {@link searchSettings} needs. */
export interface SearchSettingsArgs extends Omit<RungContext, 'start' | 'train' | 'validation'> {
  /** The method's usual recipe; its rate is the highest that is tried. */
  recipe: Recipe;
  parts: SearchParts;
  /** Pictures a step at most, where the method's memory grows with them. Default: 32. */
  mostBatch?: number;
  /**
   * What others have right of the validation pictures: the usual recipe is taken without a search where it comes within a
   * standard error of that. Default: it is never.
   */
  enough?: number;
  /** Told what begins. */
  onStage?: (text: string) => void;
}

/** What {@link searchSettings} found. */
export interface FoundSettings {
  recipe: Recipe;
  /** What the validation pictures say of it. */
  validation: ValidationFigures;
  search: SettingsSearch;
  /** The training of `recipe` to its end, where the search has trained just that on all shots: it need not be repeated. */
  state?: TrainingState;
}

/**
 * Finds optimiser, rate, batch and number of epochs on validation pictures, over a ladder from the usual recipe downwards. The
 * usual one comes first, is given up when it guesses after its second epoch, and is taken where it is good enough. Else
 * gentler ones are begun, each with a lower rate, until one is not clearly better than the one before, which did not collapse; one
 * of them goes on to its end, anew with three times the epochs where it has less than half of its own pictures right by
 * then. Of the epochs it was looked at the last is taken whose accuracy is within one standard error of
 * the best: a later one has the schedule's small steps behind it. Leaves the model with the weights that `validation` is of.
 *
 * @throws MapleError where every rung's loss became no number; what `tunePrompts` throws otherwise
 */
export async function searchSettings(args: SearchSettingsArgs): Promise<FoundSettings> {
  const { model, recipe, parts, enough = Infinity, onStage = () => undefined } = args;
  const start = model.trainableWeights.map((variable) => (variable.read() as tf.Tensor).clone());
  const { config, imageStatistics } = modelMetadata(model);
  const test = transformFor({ kind: 'test', size: config.vision.imageSize }, imageStatistics);
  const validation = preparedExamples(parts.validation, test, args.loader);
  const context: RungContext = { ...args, start, train: parts.train, validation };
  const begin = (settings: Recipe): RungTraining => new RungTraining(settings, context);
  const ladder = settingsLadder(recipe, parts.train.length, args.mostBatch);
  try {
    onStage(`Looking for settings on ${parts.validation.length} validation pictures: ${recipeText(ladder.usual)}`);
    const usual = begin(ladder.usual);
    await trainUsual(usual);
    const rungs = [usual];
    if (!isEnough(usual, enough)) {
      const gentler: RungTraining[] = [];
      for (const settings of ladder.gentler) {
        onStage(`Looking for settings: ${recipeText(settings)}, the first ${ladder.firstEpochs}`);
        const rung = begin(settings);
        rungs.push(rung);
        if (await rung.trainTo(ladder.firstEpochs)) {
          await rung.check();
          gentler.push(rung);
        }
        const [before, latest] = gentler.slice(-2);
        // One that collapsed had too high a rate, and says nothing of lower ones.
        const compared = latest !== undefined && !before.collapsed;
        if (compared && latest.early <= before.early + CLEARLY * before.earlyError) {
          break;
        }
      }
      const best = bestOf(gentler);
      if (best !== undefined && best.learned < LEARNED_SOON) {
        best.giveUp(
          `${percent(best.learned)} of its own pictures right after ${ladder.firstEpochs} epochs: too few in all`,
        );
        const long = begin(longer(best.recipe));
        rungs.push(long);
        await finish(long, onStage);
      } else if (best !== undefined) {
        await finish(best, onStage);
      }
    }
    return await take(rungs, args);
  } finally {
    start.forEach((tensor) => tensor.dispose());
  }
}

function isEnough({ record, latest }: RungTraining, enough: number): boolean {
  const least = enough - standardError(Math.min(1, enough), latest?.pictures ?? 1);
  return record.givenUp === undefined && latest !== undefined && latest.accuracy >= least;
}

/** The usual recipe to its end, unless it guesses when the warm-up and one epoch more are over. */
async function trainUsual(rung: RungTraining): Promise<void> {
  const { epochs } = rung.recipe;
  const early = Math.min(2, epochs);
  if (!(await rung.trainTo(early))) {
    return;
  }
  const reason = rung.guessReason();
  if (reason !== undefined && early < epochs) {
    await rung.check();
    rung.giveUp(`after ${early} epochs ${reason}`);
  } else if (early === epochs || (await rung.trainTo(epochs))) {
    await rung.check();
  }
}

/**
 * Of the gentler rungs that none is clearly ahead of, the one of the highest rate, since it gets further in the epochs that
 * are left; where all collapsed, the gentlest. The others are given up.
 */
function bestOf(rungs: readonly RungTraining[]): RungTraining | undefined {
  const kept = rungs.filter((rung) => !rung.collapsed);
  const most = Math.max(...kept.map(({ early }) => early));
  const best = kept.find(({ early, earlyError }) => early >= most - CLEARLY * earlyError) ?? rungs.at(-1);
  for (const rung of rungs.filter((other) => other !== best)) {
    const reason = rung.collapsed ? rung.guessReason() : undefined;
    const { length } = rung.record.losses;
    rung.giveUp(
      reason === undefined
        ? `${percent(rung.early)} right after ${length} epochs, where another had ${percent((best as RungTraining).early)}`
        : `after ${length} epochs ${reason}`,
    );
  }
  return best;
}

/** Trains to the end, looking at the validation pictures on the way; not beyond its half if it has learned nothing by then. */
async function finish(rung: RungTraining, onStage: (text: string) => void): Promise<void> {
  onStage(`Looking for settings: ${recipeText(rung.recipe)}`);
  for (const epoch of checkpointsOf(rung.recipe)) {
    if (epoch <= rung.record.losses.length) {
      continue;
    }
    if (!(await rung.trainTo(epoch))) {
      return;
    }
    await rung.check();
    if (rung.collapsed && epoch >= rung.recipe.epochs / 2 && epoch < rung.recipe.epochs) {
      rung.giveUp(`after ${epoch} epochs ${rung.guessReason()}`);
      return;
    }
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** What is taken of the rungs, and the model's weights set to it. */
async function take(rungs: readonly RungTraining[], { model, parts }: SearchSettingsArgs): Promise<FoundSettings> {
  const records = rungs.map(({ record }) => record);
  const checked = rungs.flatMap((rung, index) => {
    const at = takenCheck(rung.record);
    return at < 0 ? [] : [{ rung, index, at, figures: rung.record.checked[at] }];
  });
  // A rung that was given up or guesses at its end may have more right of a few pictures by chance.
  const finished = checked.filter(({ rung }) => rung.record.givenUp === undefined);
  const learned = finished.filter(({ rung }) => rung.guessReason() === undefined);
  const found = [learned, finished, checked].find((some) => some.length > 0) ?? [];
  if (found.length === 0) {
    throw new MapleError(
      'No training kept a loss that is a number, from the usual rate down to ' +
        `${records[records.length - 1].learningRate}. Look for pictures or weights that are not finite.`,
    );
  }
  // Of equals the later, which is the gentler.
  const best = found.reduce((one, other) => (isBetter(one.figures, other.figures) ? one : other));
  const { rung, index, at, figures } = best;
  const { epoch, ...validation } = figures;
  const state = rung.states[at];
  setTrained(model, state);
  const whole = epoch === rung.recipe.epochs;
  return {
    recipe: { ...rung.recipe, epochs: Math.max(1, epoch) },
    validation,
    search: { rungs: records, chosen: index, heldOut: parts.heldOut },
    ...(whole && !parts.heldOut ? { state } : {}),
  };
}

/** Index of the last check within one standard error of the best; -1 where there is none. */
function takenCheck({ checked }: SearchRung): number {
  const best = Math.max(...checked.map(({ accuracy }) => accuracy));
  return checked.map(({ accuracy, pictures }) => accuracy >= best - standardError(best, pictures)).lastIndexOf(true);
}

/** More right, or as many with a lower loss. */
export function isBetter(one: ValidationFigures, other: ValidationFigures): boolean {
  return one.accuracy > other.accuracy || (one.accuracy === other.accuracy && one.loss < other.loss);
}

function setTrained(model: LayersModel, { weights }: TrainingState): void {
  tf.tidy(() =>
    model.trainableWeights.forEach((variable, index) =>
      variable.write(tf.tensor(weights[index].values, weights[index].shape)),
    ),
  );
}
