import { checkKnown } from '../../layers/known_names.js';
import { basename, join, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { Example } from '../data/dataset.js';
import type { Orientation } from '../data/picture.js';
import { checkPictures, type PictureCheck } from './check_pictures.js';
import {
  hasPictureName,
  mustBeOrientation,
  READ_PICTURE_OPTIONS,
  readFolder,
  readPicture,
  type ReadPictureOptions,
} from './pictures.js';

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

/**
 * A folder of class folders as labelled examples: `photos/cat/1.jpg` is an example of the class `cat`. Only headers are
 * read now; what is no picture is left out and listed.
 *
 * ```js
 * const { classNames, examples, skipped } = await readImageFolder('photos');
 * ```
 * @throws MapleError when the folder cannot be read, or holds no class folder with a picture
 */
export async function readImageFolder(folder: string, options: ReadPictureOptions = {}): Promise<ImageFolder> {
  checkKnown('readImageFolder', options, READ_PICTURE_OPTIONS);
  const { orientation = 'ignore' } = options;
  mustBeOrientation(orientation);
  const { classes, skipped } = await checkClassFolders(await listClassFolders(folder), 'header');
  mustHoldClasses(folder, classes, skipped);
  const examples = classes.flatMap(({ paths }, label) => paths.map((path) => fileExample(path, label, orientation)));
  return { name: basename(resolve(folder)), classNames: classes.map(({ name }) => name), examples, skipped };
}

/** A picture file as a labelled example, called as its path is given. */
export function fileExample(path: string, label: number, orientation?: Orientation): Example {
  return { label, name: path, path: resolve(path), orientation, load: () => readPicture(path, { orientation }) };
}

/** A class and the files of its folder that are called as pictures are. */
export interface ClassFolder {
  name: string;
  folder: string;
  paths: string[];
}

/** Class folders in order of name, and what is beside or in them that is none, in order of path. */
export interface ClassFolders {
  classes: ClassFolder[];
  skipped: Skipped[];
}

/**
 * What is in a folder of class folders, by names alone.
 * @throws MapleError when the folder cannot be read
 */
export async function listClassFolders(folder: string): Promise<ClassFolders> {
  const found: ClassFolders = { classes: [], skipped: [] };
  for (const { name, kind } of await visibleIn(folder)) {
    const path = join(folder, name);
    if (kind !== 'folder') {
      found.skipped.push({ path, reason: 'not in a class folder' });
      continue;
    }
    const entries = await visibleIn(path);
    const isPicture = (entry: (typeof entries)[number]): boolean =>
      entry.kind !== 'folder' && hasPictureName(entry.name);
    for (const entry of entries.filter((other) => !isPicture(other))) {
      const reason = entry.kind === 'folder' ? 'a folder within a class folder' : 'not named as a picture';
      found.skipped.push({ path: join(path, entry.name), reason });
    }
    const paths = entries.filter(isPicture).map((entry) => join(path, entry.name));
    // One spelling of accented letters: some file systems store them as letter and accent.
    found.classes.push({ name: name.normalize('NFC'), folder: path, paths });
  }
  return found;
}

/**
 * Looks at the pictures of class folders, and leaves out those that cannot be used and classes without any.
 * @param onProgress - told the number of pictures done
 */
export async function checkClassFolders(
  { classes, skipped }: ClassFolders,
  check: PictureCheck,
  onProgress?: (done: number, total: number) => void,
): Promise<ClassFolders> {
  const all = classes.flatMap(({ paths }) => paths);
  const found = await checkPictures(all, check, onProgress);
  const reasons = new Map(all.map((path, index) => [path, found[index]]));
  const bad = all.filter((path) => reasons.get(path) !== undefined);
  const good = classes.map((entry) => ({ ...entry, paths: entry.paths.filter((path) => !reasons.get(path)) }));
  const empty = good.filter(({ paths }) => paths.length === 0);
  return {
    classes: good.filter(({ paths }) => paths.length > 0),
    skipped: [
      ...skipped,
      ...bad.map((path) => ({ path, reason: reasons.get(path) as string })),
      ...empty.map(({ folder }) => ({ path: folder, reason: 'a class folder without a readable picture' })),
    ].sort(byPath),
  };
}

/**
 * @throws MapleError when no class has a picture, telling what there is instead
 */
export function mustHoldClasses(folder: string, classes: readonly ClassFolder[], skipped: readonly Skipped[]): void {
  if (classes.length === 0) {
    throw new MapleError(
      `${folder} must hold a folder for each class, with its pictures in it (${join(folder, 'cat', '1.jpg')}). ` +
        `Received: ${describe(skipped)}`,
    );
  }
}

/** The order of what was left out. */
export function byPath(one: Skipped, other: Skipped): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}

async function visibleIn(folder: string): ReturnType<typeof readFolder> {
  return (await readFolder(folder)).filter(({ name }) => !name.startsWith('.'));
}

function describe(skipped: readonly Skipped[]): string {
  if (skipped.length === 0) {
    return 'an empty folder.';
  }
  const shown = skipped.slice(0, 5).map(({ path, reason }) => `\n  - ${path}: ${reason}`);
  const rest = skipped.length > 5 ? `\n  - and ${skipped.length - 5} more` : '';
  return `nothing that can be used:${shown.join('')}${rest}`;
}
