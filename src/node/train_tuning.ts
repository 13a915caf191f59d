import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { guessReason } from '../evaluation/search/guessing.js';
import { gentler, recipeText } from '../evaluation/search/ladder.js';
import { METHOD_TITLES } from '../report/methods.js';
import { completeRecipe, type Recipe } from '../training/recipe.js';
import { digestOf, type TrainingState } from '../training/training_state.js';
import { bestOf, type Candidate } from './train_candidates.js';
import { TRAIN_PARTS } from './train_folder.js';
import { measureTuned, tune, type TrainRunArgs, type TuningArgs } from './train_runs.js';
import { findSettings, readSettings, writeSettings, type TrainSettings } from './train_search.js';
import { writeCheckpoint } from './training_checkpoint.js';
import type { TrainingLog } from './training_log.js';

/** How a training finds its settings, and what is known before it. */
export interface TuneClassifierArgs extends TuningArgs {
  /** Whether settings are searched for, and a training that guesses begins anew more gently. */
  search: boolean;
  /** Mean cross-entropy of zero-shot on the training pictures. */
  startLoss: number;
  /** What has been measured on the frozen backbone. */
  frozen: readonly Candidate[];
}

/** A tuned model, and what was measured on its features, itself first. */
export interface TunedClassifier {
  model: LayersModel;
  candidates: Candidate[];
}

/** Times that a training which guesses begins anew. */
const RESTARTS = 2;

/**
 * Tunes a method on all shots with settings that were searched for, or with those it was told. Where a search was wanted
 * and the training guesses at its end, it begins anew with a third of the rate; what still guesses has a record that says so.
 */
export async function tuneClassifier(args: TrainRunArgs, tuning: TuneClassifierArgs): Promise<TunedClassifier> {
  const { log, out, resumeFrom, search, startLoss } = tuning;
  const { dataset, method, onStage } = args;
  const found = search ? await settingsOf(args, tuning) : undefined;
  if (resumeFrom === undefined && found?.state !== undefined) {
    await keep(found.state, log, out);
  }
  const recipes = [found?.recipe ?? args.recipe];
  for (let restart = 0; search && restart < RESTARTS; restart++) {
    recipes.push(gentler(recipes[restart]));
  }
  const first = Math.max(
    0,
    recipes.findIndex((recipe) => isOf(recipe, resumeFrom)),
  );
  for (let attempt = first; ; attempt++) {
    const state = attempt > first ? undefined : (resumeFrom ?? found?.state);
    const tuned = await tune({ ...args, recipe: recipes[attempt] }, { ...tuning, resumeFrom: state });
    const { history } = tuned.run;
    const { loss } = history[history.length - 1];
    const guesses = guessReason({ loss, classes: dataset.classNames.length, startLoss });
    if (guesses === undefined || attempt === recipes.length - 1) {
      const candidates = await measureTuned(args, tuned, log, attempt === 0 ? found?.validations : undefined);
      Object.assign(candidates[0].record, guesses === undefined ? {} : { guesses });
      candidates.forEach(({ record }) => Object.assign(record, attempt === 0 && found ? { search: found.search } : {}));
      return { model: tuned.run.model, candidates };
    }
    tuned.run.model.dispose();
    log.add({ event: 'guesses', recipe: recipes[attempt], reason: guesses });
    onStage?.(
      `${METHOD_TITLES[method]} guesses (${guesses}): once more, more gently, at ${recipeText(recipes[attempt + 1])}`,
    );
  }
}

/** What a search finds, or has found before a stop; undefined where there are no pictures to choose by. */
async function settingsOf(
  args: TrainRunArgs,
  { out, log, resumeFrom, startLoss, frozen }: TuneClassifierArgs,
): Promise<TrainSettings | undefined> {
  const { parts, backbone, dataset, method, recipe, design, templates, seed, heads, onStage } = args;
  if (parts === undefined) {
    onStage?.('No class has a picture to choose settings by: the usual ones are taken');
    return undefined;
  }
  const { classNames } = dataset;
  const pictures = { train: digestOf(parts.train), validation: digestOf(parts.validation) };
  const key = { backbone: backbone.identity, classNames, method, seed, recipe, design, templates, pictures };
  const before = await readSettings(out, key);
  // A training that is there began without a search.
  if (before !== undefined || resumeFrom !== undefined) {
    return before;
  }
  const enough = bestOf(frozen)?.record.validation?.accuracy ?? Infinity;
  const found = await findSettings({ ...args, parts, heads, enough, startLoss });
  log.add({ event: 'settings', recipe: found.recipe, search: found.search, validations: found.validations });
  await writeSettings(out, key, found);
  return found;
}

/** A training that the search has done to its end, as if it had been done here. */
async function keep(state: TrainingState, log: TrainingLog, out: string): Promise<void> {
  state.history.forEach((_, index) =>
    log.addState({ ...state, epoch: index + 1, history: state.history.slice(0, index + 1) }),
  );
  await writeCheckpoint(join(out, TRAIN_PARTS.checkpoint), state);
}

function isOf(recipe: Recipe, state: TrainingState | undefined): boolean {
  const was = state?.settings.recipe;
  const fields = ['learningRate', 'batchSize', 'epochs', 'optimizer'] as const;
  return was !== undefined && fields.every((field) => completeRecipe(was)[field] === completeRecipe(recipe)[field]);
}
