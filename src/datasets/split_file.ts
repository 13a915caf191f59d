import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { plainPathProblem } from '../node/listed_path.js';
import { readTextFile } from '../node/text_file.js';
import { mustHoldFiles } from './listed_files.js';
import type { ListedPicture, Listing } from './listing.js';

/** The largest split file that is read, in bytes; that of Food101, the largest published, has about 13 MB. */
const MOST_BYTES = 64 * 2 ** 20;

/** What CoOp's split files call the parts, and what we do. */
const PARTS = [
  ['train', 'train'],
  ['val', 'validation'],
  ['test', 'test'],
] as const;

/**
 * Reads a split file of CoOp's (`split_zhou_*.json`): one object with `train`, `val` and `test`, each a list of
 * `[path, label, class name]`.
 * @param file - path of the split file
 * @param pictures - folder that the paths in it begin from
 * @throws MapleError naming the file and entry that is wrong, or the pictures that are missing
 */
export async function readSplitFile(file: string, pictures: string): Promise<Listing> {
  const json = await readJson(file);
  const names = new Map<number, string>();
  /** Where each picture was met first. */
  const places = new Map<string, string>();
  const listing: Listing = { classNames: [], train: [], validation: [], test: [] };
  for (const [key, part] of PARTS) {
    const entries = json[key];
    if (!Array.isArray(entries) || entries.length === 0) {
      throw new MapleError(
        `${file} must hold a list of [path, label, class name] as \`${key}\`, with at least one entry. ` +
          `Received: ${Array.isArray(entries) ? 'an empty list' : describe(entries)}.`,
      );
    }
    listing[part] = entries.map((entry, index) =>
      readEntry(entry, { file, at: `${key}[${index}]`, names, places, pictures }),
    );
  }
  mustBeContiguous(file, names, listing.train);
  listing.classNames = Array.from(names.keys(), (_, label) => names.get(label) as string);
  await mustHoldFiles(pictures, places.keys(), file);
  return listing;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) {
    throw new MapleError(
      `${file} must have ${MOST_BYTES / 2 ** 20} MB at most. Received: ${(size / 2 ** 20).toFixed(0)} MB. ` +
        'It is no split file: download it again.',
    );
  }
  const text = await readTextFile(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MapleError(`${file} must be a readable JSON file: ${(error as Error).message}. Download it again.`, {
      cause: error,
    });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MapleError(
      `${file} must hold an object with \`train\`, \`val\` and \`test\`. Received: ${describe(json)}.`,
    );
  }
  return json as Record<string, unknown>;
}

interface Reading {
  file: string;
  /** Where in the file. */
  at: string;
  names: Map<number, string>;
  places: Map<string, string>;
  pictures: string;
}

function readEntry(entry: unknown, { file, at, names, places, pictures }: Reading): ListedPicture {
  const [path, label, className] = Array.isArray(entry) ? (entry as unknown[]) : [];
  if (!Array.isArray(entry) || entry.length !== 3 || typeof path !== 'string' || typeof className !== 'string') {
    throw new MapleError(`\`${at}\` of ${file} must be [path, label, class name]. Received: ${describe(entry)}.`);
  }
  const problem = plainPathProblem(path);
  if (problem !== undefined) {
    throw new MapleError(
      `The path in \`${at}\` of ${file} must lead to a place within ${pictures}, but it ${problem}. ` +
        `Received: ${JSON.stringify(path)}.`,
    );
  }
  if (!Number.isSafeInteger(label) || (label as number) < 0) {
    throw new MapleError(`The label in \`${at}\` of ${file} must be an integer from 0. Received: ${describe(label)}.`);
  }
  const known = names.get(label as number);
  if (className.trim() === '' || (known !== undefined && known !== className)) {
    const expected = known === undefined ? 'not be empty' : `be "${known}", as of other entries with label ${label}`;
    throw new MapleError(
      `The class name in \`${at}\` of ${file} must ${expected}. Received: ${JSON.stringify(className)}.`,
    );
  }
  const place = places.get(path);
  if (place !== undefined) {
    throw new MapleError(`${file} must list a picture once. Received: ${path} in \`${place}\` and in \`${at}\`.`);
  }
  names.set(label as number, className);
  places.set(path, at);
  return { label: label as number, path: join(pictures, path) };
}

/** Labels are logits' places: 0, 1, 2, ..., and each can be learned. */
function mustBeContiguous(file: string, names: ReadonlyMap<number, string>, train: readonly ListedPicture[]): void {
  const gap = Array.from(names.keys(), (_, label) => label).find((label) => !names.has(label));
  if (gap !== undefined) {
    throw new MapleError(
      `The labels of ${file} must be 0, 1, 2 and so on without a gap. Received: ${names.size} labels up to ` +
        `${Math.max(...names.keys())}, but none that is ${gap}.`,
    );
  }
  const trained = new Set(train.map(({ label }) => label));
  const untrained = [...names].find(([label]) => !trained.has(label));
  if (untrained !== undefined) {
    throw new MapleError(
      `\`train\` of ${file} must have pictures of every class. Received: none of "${untrained[1]}", label ${untrained[0]}.`,
    );
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
