import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MapleError } from '../../layers/errors.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import { loadBackbone, type LoadBackboneArgs } from '../node/load_backbone.js';
import type { StudyCell } from './cell.js';
import { cellPool, type CellPoolArgs } from './cell_pool.js';
import { paperRecipeOf } from './paper_recipes.js';
import { runCells, type RunCellsArgs } from './run_cells.js';
import type { RecipeOf, StudyData, StudyModule, StudyOptions } from './study_data.js';

/** What cells are made from. */
export interface OpenStudy {
  data: StudyData;
  recipeOf: RecipeOf;
  backbone: TransformerBackbone;
  /** How other processes open the same. */
  setup: { module: string; backbone: string; backboneArgs: LoadBackboneArgs; options: StudyOptions };
}

/** Emoji World. */
const DEFAULT_MODULE = new URL('./emoji_study.js', import.meta.url).href;

/** Modules that come with the package, by name. */
const OWN_MODULES: ReadonlyMap<string, string> = new Map([
  ['paper', new URL('./paper_study.js', import.meta.url).href],
]);

/**
 * Opens a study's data and backbone.
 * @param backbone - path of the backbone, or its name on the hub
 * @param module - path of a JavaScript module that exports `studyData()` and, if it likes, `recipeOf` (see
 * {@link StudyModule}), or `paper` for the paper's data sets below `options.root`. Default: Emoji World.
 * @param options - what `studyData` is told
 * @param backboneArgs - what `loadBackbone` is told; plain data, since other processes are told it as well
 * @throws MapleError when one of them cannot be read
 */
export async function openStudy(
  backbone: string,
  module?: string,
  options: StudyOptions = {},
  backboneArgs: Omit<LoadBackboneArgs, 'tokenizer'> = {},
): Promise<OpenStudy> {
  const url = module === undefined ? DEFAULT_MODULE : (OWN_MODULES.get(module) ?? pathToFileURL(resolve(module)).href);
  const { studyData, recipeOf = paperRecipeOf } = await importModule(url);
  // The processes of the cells have the same folder of work, but a path that says all is told in records.
  const path = existsSync(backbone) ? resolve(backbone) : backbone;
  // First, since a backbone may be a download.
  const data = await dataOf(url, () => studyData(options));
  return {
    data,
    recipeOf,
    backbone: await loadBackbone(path, backboneArgs),
    setup: { module: url, backbone: path, backboneArgs, options },
  };
}

/** What {@link runStudy} needs. */
export interface RunStudyArgs
  extends Omit<RunCellsArgs, 'run' | 'backbone' | 'recordedAs' | 'jobs'>, Omit<CellPoolArgs, keyof OpenStudy['setup']> {
  study: OpenStudy;
}

const ARGS: SettingNames<RunStudyArgs> = {
  study: true,
  folder: true,
  cells: true,
  signal: true,
  onStart: true,
  onCell: true,
  onFailure: true,
  onSetAside: true,
  jobs: true,
  threads: true,
  backend: true,
};

/**
 * Runs the cells that have no record yet, in child processes; see {@link runCells}. The records do not depend on the
 * number of jobs.
 * @throws MapleError as `runCells` does
 */
export async function runStudy(args: RunStudyArgs): Promise<ExperimentRecord[]> {
  checkKnown('runStudy', args, ARGS);
  const { study, jobs, threads, backend, ...cells } = args;
  let pool: ReturnType<typeof cellPool> | undefined;
  const run = (cell: StudyCell) => {
    pool ??= cellPool({ ...study.setup, jobs, threads, backend });
    return pool.run(cell);
  };
  try {
    const { backbone, data } = study;
    return await runCells({ ...cells, jobs, backbone, recordedAs: data.recordedAs?.bind(data), run });
  } finally {
    await pool?.close();
  }
}

/** What a module's `studyData` gives: whatever is wrong with it is the module's, not ours. */
async function dataOf(url: string, studyData: () => StudyData | Promise<StudyData>): Promise<StudyData> {
  let data: Partial<StudyData> | undefined;
  try {
    data = await studyData();
  } catch (error) {
    if (error instanceof MapleError) {
      throw error;
    }
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new MapleError(`\`studyData\` of the data module ${url} failed: ${told}`, { cause: error });
  }
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');
  const rules: [field: keyof StudyData, rule: string, holds: boolean][] = [
    ['name', 'a string', typeof data?.name === 'string'],
    ['datasets', 'a list of names', isList(data?.datasets) && data?.datasets?.length !== 0],
    ['source', 'one of `datasets`', data?.datasets?.includes?.(data.source as string) === true],
    ['domains', 'a list of names, which can be empty', isList(data?.domains)],
    ['load', 'a function', typeof data?.load === 'function'],
  ];
  const broken = rules.find(([, , holds]) => !holds);
  if (broken !== undefined) {
    const [field, rule] = broken;
    throw new MapleError(
      `What \`studyData\` of the data module ${url} gives must have \`${field}\`, ${rule}. ` +
        `Received: ${JSON.stringify(data?.[field]) ?? 'none'}.`,
    );
  }
  return data as StudyData;
}

async function importModule(url: string): Promise<StudyModule> {
  const module = (await import(url).catch((error: Error) => {
    throw new MapleError(`The data module ${url} cannot be imported: ${error.message}`, { cause: error });
  })) as Partial<StudyModule>;
  if (typeof module.studyData !== 'function') {
    throw new MapleError(
      `The data module ${url} must export a function \`studyData\`. Received: ${Object.keys(module).join(', ') || 'no exports'}.`,
    );
  }
  return module as StudyModule;
}
