import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { buildClip } from '../clip/build_clip.js';
import type { SearchParts } from '../data/search_parts.js';
import { KnownFeatures } from '../evaluation/known_features.js';
import type { SettingsSearch, ValidationFigures } from '../evaluation/record.js';
import { searchSettings } from '../evaluation/search/search_settings.js';
import { planRun, type RunArgs } from '../evaluation/tuned_run.js';
import type { HeadKind } from '../heads/head.js';
import type { Recipe } from '../training/recipe.js';
import type { TrainingState } from '../training/training_state.js';
import { writeFilesTogether } from './atomic_files.js';
import { readJsonObject } from './json_file.js';
import { validateAll } from './train_candidates.js';
import { TRAIN_PARTS } from './train_folder.js';
import { TrainingProgress } from './training_progress.js';

/** What {@link findSettings} needs beside what the run will have. */
export interface FindSettingsArgs extends RunArgs {
  parts: SearchParts;
  /** Heads that are measured on the tuned features. */
  heads: readonly HeadKind[];
  /** An accuracy on the validation pictures that the usual recipe is taken for without a search. */
  enough: number;
  startLoss: number;
  signal?: AbortSignal;
  onStage?: (text: string) => void;
}

/** The settings of a training. */
export interface TrainSettings {
  recipe: Recipe;
  search: SettingsSearch;
  /** Of the method, then of the heads on its features. */
  validations: ValidationFigures[];
  /** The training of just these settings on all shots, where the search has it. */
  state?: TrainingState;
}

/** Searches for settings on the validation pictures. */
export async function findSettings(args: FindSettingsArgs): Promise<TrainSettings> {
  const { backbone, dataset, parts, heads, seed = 1, loader, signal, recipe: usual } = args;
  const { design, recipe = usual } = planRun(args, backbone.config);
  const { classNames } = dataset;
  const model = await buildClip(backbone, { classNames, design, seed, templates: args.templates });
  const progress = new TrainingProgress('  looking for settings');
  try {
    const found = await searchSettings({
      ...{ model, recipe, parts, seed, loader, signal },
      classes: classNames.length,
      // Its texts are worked out anew for every picture.
      mostBatch: design.conditioning === 'metaNet' ? recipe.batchSize : undefined,
      startLoss: args.startLoss,
      enough: args.enough,
      callbacks: [progress],
      onStage: args.onStage,
    });
    if (heads.length === 0) {
      return { ...found, validations: [found.validation] };
    }
    const known = await KnownFeatures.of(model, [...parts.train, ...parts.validation], { loader });
    return { ...found, validations: await validateAll(known, parts, heads, seed) };
  } finally {
    progress.stop();
    model.dispose();
  }
}

/** What settings were searched for with: others need another search. */
export type SearchKey = Record<string, unknown>;

/** Keeps what a search found in a training's folder. */
export async function writeSettings(out: string, key: SearchKey, settings: TrainSettings): Promise<void> {
  const { recipe, search, validations } = settings;
  const text = `${JSON.stringify({ key, recipe, search, validations }, undefined, 1)}\n`;
  await writeFilesTogether(out, [{ name: TRAIN_PARTS.search, chunks: [new TextEncoder().encode(text)] }]);
}

/**
 * What an earlier search in the folder found; undefined where there is none.
 * @throws MapleError when it was made with other settings
 */
export async function readSettings(out: string, key: SearchKey): Promise<TrainSettings | undefined> {
  const path = join(out, TRAIN_PARTS.search);
  if (!existsSync(path)) {
    return undefined;
  }
  const found = (await readJsonObject(path)) as TrainSettings & { key: SearchKey };
  const differs = Object.keys({ ...found.key, ...key }).find(
    (field) => JSON.stringify(found.key?.[field]) !== JSON.stringify(key[field]),
  );
  if (differs !== undefined) {
    throw new MapleError(
      `The training that is to go on had other settings: its \`${differs}\` was ${JSON.stringify(found.key?.[differs])}, ` +
        `and is now ${JSON.stringify(key[differs])}. Give it the settings it had, or begin anew by --force.`,
    );
  }
  return found;
}
