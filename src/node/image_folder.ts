import { basename, join, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { Example } from '../data/dataset.js';
import { checkPicture, hasPictureName, readFolder, readPicture } from './pictures.js';

/** A file or folder that was left out, and why. */
export interface Skipped {
  path: string;
  reason: string;
}

/** What {@link readImageFolder} found. */
export interface ImageFolder {
  /** The folder's own name. */
  name: string;
  /** Names of the class folders that hold pictures, in order; their index is the label. */
  classNames: string[];
  /** Every picture, class by class, in order of name; decoded when asked for. */
  examples: Example[];
  /** What is no picture, or a folder without any. */
  skipped: Skipped[];
}

/** Headers read at once. */
const CONCURRENT = 8;

/**
 * A folder of class folders as labelled examples: `photos/cat/1.jpg` is an example of the class `cat`. Only headers are
 * read now; what is no picture is left out and listed.
 *
 * ```js
 * const { classNames, examples, skipped } = await readImageFolder('photos');
 * ```
 * @throws MapleError when the folder cannot be read, or holds no class folder with a picture
 */
export async function readImageFolder(folder: string): Promise<ImageFolder> {
  const skipped: Skipped[] = [];
  const classes: { name: string; paths: string[] }[] = [];
  for (const entry of (await readFolder(folder)).filter(({ name }) => !name.startsWith('.'))) {
    const path = join(folder, entry.name);
    if (entry.kind !== 'folder') {
      skipped.push({ path, reason: 'not in a class folder' });
      continue;
    }
    const found = await picturesOfClass(path);
    skipped.push(...found.skipped);
    if (found.paths.length > 0) {
      // One spelling of accented letters: some file systems store them as letter and accent.
      classes.push({ name: entry.name.normalize('NFC'), paths: found.paths });
    } else {
      skipped.push({ path, reason: 'a class folder without a readable picture' });
    }
  }
  if (classes.length === 0) {
    throw new MapleError(
      `${folder} must hold a folder for each class, with its pictures in it (${join(folder, 'cat', '1.jpg')}). ` +
        `Received: ${describe(skipped)}`,
    );
  }
  const examples = classes.flatMap(({ paths }, label) => paths.map((path) => fileExample(path, label)));
  return { name: basename(resolve(folder)), classNames: classes.map(({ name }) => name), examples, skipped };
}

/** A picture file as a labelled example, called as its path is given. */
export function fileExample(path: string, label: number): Example {
  return { label, name: path, path: resolve(path), load: () => readPicture(path) };
}

async function picturesOfClass(folder: string): Promise<{ paths: string[]; skipped: Skipped[] }> {
  const entries = (await readFolder(folder)).filter(({ name }) => !name.startsWith('.'));
  const reasons = new Array<string | undefined>(entries.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < entries.length) {
      const index = next++;
      const entry = entries[index];
      if (entry.kind === 'folder') {
        reasons[index] = 'a folder within a class folder';
      } else if (!hasPictureName(entry.name)) {
        reasons[index] = 'not named as a picture';
      } else {
        reasons[index] = await checkPicture(join(folder, entry.name)).then(() => undefined, reasonOf);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, work));
  const all = entries.map(({ name }, index) => ({ path: join(folder, name), reason: reasons[index] }));
  return {
    paths: all.filter(({ reason }) => reason === undefined).map(({ path }) => path),
    skipped: all.filter((entry): entry is Skipped => entry.reason !== undefined),
  };
}

/** Why a picture is skipped; a defect is no reason. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof MapleError)) {
    throw error;
  }
  return error.message;
}

function describe(skipped: Skipped[]): string {
  if (skipped.length === 0) {
    return 'an empty folder.';
  }
  const shown = skipped.slice(0, 5).map(({ path, reason }) => `\n  - ${path}: ${reason}`);
  const rest = skipped.length > 5 ? `\n  - and ${skipped.length - 5} more` : '';
  return `nothing that can be used:${shown.join('')}${rest}`;
}
