import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Callback } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../clip/backbone.js';
import { runBaseToNew } from '../evaluation/base_to_new.js';
import type { BaseToNewRecord, RunEnvironment } from '../evaluation/record.js';
import { writeFilesTogether } from '../node/atomic_files.js';
import type { Method } from '../prompting/presets.js';
import type { Recipe } from '../training/recipe.js';
import type { EmojiGroup } from './concepts.js';
import { emojiDataset } from './datasets.js';
import { emojiRecipe } from './recipes.js';

/** Which cells a study has. */
export interface BaseToNewStudy {
  backbone: Backbone;
  environment: RunEnvironment;
  /** Folder of the records, one JSON file a cell; a cell that is there is not run again. */
  folder: string;
  style: string;
  groups: readonly EmojiGroup[];
  /** Classes a group, half of them base. */
  classes: number;
  methods: readonly Method[];
  seeds: readonly number[];
  /** `validation` to choose settings, `test` to report. Default: `test`. */
  split?: 'test' | 'validation';
  /** Default: {@link emojiRecipe}. */
  recipeOf?: (method: Method) => Recipe;
  /** Callbacks of a cell's training, e.g. a progress bar. */
  callbacksOf?: (cell: string) => Callback[];
  /** Told of every cell, run or found. */
  onCell?: (cell: string, record: BaseToNewRecord) => void;
}

/** Validation pictures a class: settings chosen on few would be chosen by chance. */
const VALIDATION_SCENES = 20;

/** Runs every cell of a study that has no record yet, and gives all records. */
export async function studyBaseToNew(study: BaseToNewStudy): Promise<BaseToNewRecord[]> {
  const { folder, style, groups, classes, methods, seeds, split, recipeOf = emojiRecipe } = study;
  const records: BaseToNewRecord[] = [];
  for (const group of groups) {
    for (const seed of seeds) {
      for (const method of methods) {
        const cell = [style, group, method, `seed${seed}`].join('-');
        let record = await readRecord(join(folder, `${cell}.json`));
        if (!record) {
          const dataset = await emojiDataset({ style, group, classes, seed, validationShots: VALIDATION_SCENES });
          const { backbone, environment } = study;
          const callbacks = study.callbacksOf?.(cell) ?? [];
          const recipe = recipeOf(method);
          const run = await runBaseToNew({ backbone, dataset, method, recipe, seed, environment, split, callbacks });
          run.model.dispose();
          record = run.record;
          await writeFilesTogether(folder, [{ name: `${cell}.json`, chunks: [encode(record)] }]);
        }
        records.push(record);
        study.onCell?.(cell, record);
      }
    }
  }
  return records;
}

async function readRecord(path: string): Promise<BaseToNewRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as BaseToNewRecord);
}

function encode(record: BaseToNewRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(record)}\n`);
}
