import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { AnyRecord, ExperimentRecord } from '../evaluation/record.js';
import type { Skipped } from '../node/image_folder.js';
import { readFolder } from '../node/pictures.js';
import { problemOf } from './check_record.js';
import { withoutRepeats } from './repeated_runs.js';

/** What {@link readRecords} found. */
export interface ReadRecords {
  /** In the order of their paths. */
  records: AnyRecord[];
  /** JSON files within folders that are no experiment records. */
  skipped: Skipped[];
}

/** Folders within folders that are looked into: a link can lead in a circle. */
const DEEPEST = 8;
/** Files named in an error. */
const NAMED = 10;

/**
 * Reads experiment records from files and from folders with all they hold. A file has one record or a list of them.
 *
 * ```js
 * const { records } = await readRecords(['runs/benchmark/records']);
 * ```
 * A run that is there twice, the same but for time and place, is taken once.
 * @throws MapleError naming every file that cannot be read, is cut short, has an unknown format or lacks a field, and
 * every run of a study that comes twice with other figures
 */
export async function readRecords(paths: readonly string[]): Promise<ReadRecords> {
  const files = (await Promise.all(paths.map((path) => listFiles(path)))).flat();
  const seen = new Set<string>();
  const found: { path: string; record: AnyRecord }[] = [];
  const skipped: Skipped[] = [];
  const problems: string[] = [];
  for (const { path, named } of files) {
    if (seen.has(resolve(path))) {
      continue;
    }
    seen.add(resolve(path));
    const content = await readJson(path);
    if (content.problem !== undefined) {
      problems.push(`${path}: ${content.problem}`);
    } else if (!named && !isRecordLike(content.value)) {
      skipped.push({ path, reason: 'no experiment record: it has no `protocol`' });
    } else {
      const values = Array.isArray(content.value) ? content.value : [content.value];
      for (const [index, value] of values.entries()) {
        const problem = problemOf(value);
        if (problem === undefined) {
          found.push({ path, record: value as AnyRecord });
        } else {
          problems.push(`${path}${values.length > 1 ? ` (record ${index + 1})` : ''}: ${problem}`);
        }
      }
    }
  }
  const once = new Set<AnyRecord>(withoutRepeats(found.map(({ record }) => record).filter(isRun)));
  const kept = found.filter(({ record }) => !isRun(record) || once.has(record));
  problems.push(...twice(kept));
  if (problems.length > 0) {
    const more = problems.length > NAMED ? [`and ${problems.length - NAMED} more.`] : [];
    const lines = [...problems.slice(0, NAMED), ...more].join('\n  ');
    throw new MapleError(`These records cannot be used:\n  ${lines}`);
  }
  return { records: kept.map(({ record }) => record), skipped };
}

/** A file to be read; `named`: by the caller, not found in a folder. */
interface RecordFile {
  path: string;
  named: boolean;
}

async function listFiles(path: string): Promise<RecordFile[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT';
    throw new MapleError(
      `Records must be a file or a folder. Received: ${path}, ${missing ? 'which does not exist' : error.message}.`,
      { cause: error },
    );
  });
  return found.isDirectory() ? filesWithin(path, DEEPEST) : [{ path, named: true }];
}

async function filesWithin(folder: string, depth: number): Promise<RecordFile[]> {
  const entries = (await readFolder(folder)).filter(({ name }) => !name.startsWith('.'));
  const lists = await Promise.all(
    entries.map(async ({ name, kind }): Promise<RecordFile[]> => {
      const path = join(folder, name);
      if (kind === 'folder') {
        return depth === 0 ? [] : filesWithin(path, depth - 1);
      }
      return kind === 'file' && extname(name) === '.json' ? [{ path, named: false }] : [];
    }),
  );
  return lists.flat();
}

async function readJson(path: string): Promise<{ value?: unknown; problem?: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return { problem: `it cannot be read: ${(error as Error).message}.` };
  }
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const cause = text.trim() === '' ? 'it is empty' : (error as Error).message;
    return { problem: `it is not JSON, or cut short (${cause}). Remove it and run the experiment again.` };
  }
}

function isRecordLike(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null && 'protocol' in first;
}

function twice(found: readonly { path: string; record: AnyRecord }[]): string[] {
  const paths = new Map<string, string>();
  return found.flatMap(({ path, record }) => {
    // Trainings on one data set are compared, told apart by their settings.
    if (!isRun(record) || record.protocol === 'few-shot') {
      return [];
    }
    const { protocol, method, dataset, split, seed, setting } = record;
    const key = JSON.stringify([protocol, method, dataset, split, seed, setting]);
    const first = paths.get(key);
    paths.set(key, first ?? path);
    return first === undefined
      ? []
      : [
          `${path}: the run of ${method} on ${dataset} with seed ${seed} is in ${first} too, with other figures. ` +
            'Give one of them.',
        ];
  });
}

function isRun(record: AnyRecord): record is ExperimentRecord {
  return record.protocol !== 'complexity';
}
