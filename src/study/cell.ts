import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { DesignOptions } from '../prompting/presets.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import type { Recipe } from '../training/recipe.js';
import type { Protocol } from './study_data.js';

/** One run of a study as plain data, so that any process can run it. */
export interface StudyCell {
  /** Name of its record's file, without `.json`. */
  id: string;
  protocol: Protocol;
  /** Name in the study's data. */
  dataset: string;
  method: RunMethod;
  seed: number;
  split: 'test' | 'validation';
  /** What is varied, e.g. `depth=1`; absent for the method's usual form. */
  setting?: string;
  /** How the design is varied. */
  design?: DesignOptions;
  /** Fixed texts whose features are averaged, for methods without text prompts. Default: each data set's own. */
  templates?: readonly string[];
  recipe: Recipe;
  /** Transfer only: data sets that the prompts are carried over to. */
  targets?: readonly string[];
  /** Transfer only: other looks of the source. */
  domains?: readonly string[];
}

/** A cell without the id, which follows from the rest. */
export type CellDescription = Omit<StudyCell, 'id'>;

/** A cell that is varied may have the id that it had. */
const DESCRIPTION: SettingNames<StudyCell> = {
  id: true,
  protocol: true,
  dataset: true,
  method: true,
  seed: true,
  split: true,
  setting: true,
  design: true,
  templates: true,
  recipe: true,
  targets: true,
  domains: true,
};

/**
 * Names a cell by all that tells it from the others of a study.
 * @throws MapleError when a data set's name cannot be part of a file name
 */
export function studyCell(description: CellDescription): StudyCell {
  checkKnown('studyCell', description, DESCRIPTION);
  const { protocol, dataset, method, seed, split, setting, recipe } = description;
  if (!/^[\w][\w .-]*$/.test(dataset)) {
    throw new MapleError(
      `A study's data set must have a name of letters, digits, spaces, dots, "-" and "_", for it is part of its ` +
        `records' file names. Received: ${JSON.stringify(dataset)}.`,
    );
  }
  const parts = [
    protocol,
    ...(split === 'validation' ? [split] : []),
    dataset.replaceAll(' ', '_'),
    method,
    ...(protocol === 'few-shot' && method !== 'zeroShot' ? [`shots${recipe.shots}`] : []),
    ...(setting === undefined ? [] : [setting.replaceAll(/[^\w.]+/g, '_')]),
    `seed${seed}`,
  ];
  return { ...description, id: parts.join('-') };
}
