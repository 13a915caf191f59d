import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MapleError } from '../../layers/errors.js';
import type { TowersConfig } from '../backbone/contract.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import { planRun } from '../evaluation/tuned_run.js';
import { writeFilesTogether } from '../node/atomic_files.js';
import type { StudyCell } from './cell.js';
import type { StudyData } from './study_data.js';

/** What a cell's record has to agree with, beside the cell. */
export interface RecordFolder {
  folder: string;
  backbone: { config: TowersConfig; identity: string };
  /** What records call a data set of the study: see {@link StudyData}. Default: as the cell does. */
  recordedAs?: StudyData['recordedAs'];
  /** Told of a file that could not be read and got another name. */
  onSetAside?: (path: string, newPath: string) => void;
}

/**
 * The record of a cell, or undefined where it is still to be run. A file that is not JSON, as a machine that lost its
 * power can leave, is set aside under another name and the cell counts as not run; so does one that was carried over to
 * fewer data sets than the cell, for the same run with more of them takes its place.
 * @throws MapleError for a record of other settings than the cell's, which running it again would overwrite
 */
export async function readRecord(cell: StudyCell, args: RecordFolder): Promise<ExperimentRecord | undefined> {
  const path = join(args.folder, `${cell.id}.json`);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw new MapleError(`${path} cannot be read: ${error.message}. Choose another folder, or mend it.`, {
      cause: error,
    });
  });
  if (text === undefined) {
    return undefined;
  }
  const record = parse(text);
  if (record === undefined) {
    await rename(path, `${path}.damaged`);
    args.onSetAside?.(path, `${path}.damaged`);
    return undefined;
  }
  const difference = differenceOf(record, cell, args);
  if (difference !== undefined) {
    throw new MapleError(
      `${path} is a record of something else: ${difference}. Choose another folder, or move the file away.`,
    );
  }
  return lacksTargets(record, cell, args) ? undefined : record;
}

/** Writes the record of a cell, whole or not at all. */
export async function writeRecord(cell: StudyCell, record: ExperimentRecord, folder: string): Promise<void> {
  const chunks = [new TextEncoder().encode(`${JSON.stringify(record)}\n`)];
  await writeFilesTogether(folder, [{ name: `${cell.id}.json`, chunks }]);
}

function parse(text: string): ExperimentRecord | undefined {
  try {
    return JSON.parse(text) as ExperimentRecord;
  } catch {
    return undefined;
  }
}

/** The first thing that the record was made with and the cell would not be; undefined when they agree. */
function differenceOf(
  record: ExperimentRecord,
  cell: StudyCell,
  { backbone: { config, identity }, recordedAs = asItIs }: RecordFolder,
): string | undefined {
  const wanted: Partial<ExperimentRecord> = {
    format: 1,
    protocol: cell.protocol,
    dataset: recordedAs(cell.dataset),
    method: cell.method,
    seed: cell.seed,
    split: cell.split,
    setting: cell.setting,
    ...planRun(cell, config),
  };
  const differs = (was: unknown, would: unknown): boolean => !isDeepStrictEqual(plain(was), plain(would));
  const field = (Object.keys(wanted) as (keyof ExperimentRecord)[]).find((key) => differs(record?.[key], wanted[key]));
  if (field !== undefined) {
    return `its \`${field}\` is ${JSON.stringify(record?.[field])}, not ${JSON.stringify(wanted[field])}`;
  }
  if (record.backbone?.identity !== identity) {
    return `its \`backbone\` is another one (${record.backbone?.name}, ${record.backbone?.identity})`;
  }
  return undefined;
}

/** Whether a record of transfer has no figures of some data set that the cell is carried over to. */
function lacksTargets(
  record: ExperimentRecord,
  { targets = [], domains = [] }: StudyCell,
  { recordedAs = asItIs }: RecordFolder,
): boolean {
  const tested = new Set(record.protocol === 'transfer' ? record.targets.map(({ dataset }) => dataset) : []);
  return [...targets, ...domains].some((name) => !tested.has(recordedAs(name)));
}

function asItIs(name: string): string {
  return name;
}

/** As JSON keeps it: without absent fields. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
