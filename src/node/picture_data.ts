import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { Example, ImageDataset } from '../data/dataset.js';
import { holdOut, type HeldOutShares } from '../data/hold_out.js';
import type { PictureCheck } from './check_pictures.js';
import { mustDiffer } from './class_names.js';
import { readCsvList } from './csv_list.js';
import { findFolderPictures } from './folder_pictures.js';
import type { FoundPictures } from './found_pictures.js';
import { fileExample, type Skipped } from './image_folder.js';
import { readJsonList } from './json_list.js';
import { findListedPictures } from './list_pictures.js';
import { PARTS, type Part } from './listed_picture.js';
import { mustBeOrientation, type ReadPictureOptions } from './pictures.js';

/** What {@link readPictureData} gives: the data set, and what was left out of it. */
export interface PictureData extends ImageDataset {
  /** Files, folders and entries of lists that were left out, classes that a part has no pictures of, and why. */
  skipped: Skipped[];
}

/** Settings of {@link readPictureData}. */
export interface PictureDataOptions extends ReadPictureOptions {
  /**
   * Shares of each class's pictures to hold out of training, for a part that the data do not have themselves. Default: 0.2
   * for `test`, 0 for `validation`.
   */
  split?: Partial<HeldOutShares>;
  /** Decides which pictures are held out. Default: 1. */
  seed?: number;
  /** Whether a list may name files outside its folder. Default: false, since it may come from anywhere. */
  allowOutside?: boolean;
  /** What the paths of a list are relative to. Default: the folder that it is in. */
  imageFolder?: string;
  /** Whether all of each picture is looked at now, or its header only. Default: `whole`. */
  check?: PictureCheck;
  /** Told the number of pictures that have been looked at. */
  onProgress?: (done: number, total: number) => void;
}

const OPTIONS: SettingNames<PictureDataOptions> = {
  orientation: true,
  split: true,
  seed: true,
  allowOutside: true,
  imageFolder: true,
  check: true,
  onProgress: true,
};

/** Share of a class that is tested on where the data have no such part. */
const TEST_SHARE = 0.2;

/**
 * A data set of your own: a folder of class folders, a folder of `train`, `val` and `test` with class folders in them, a
 * CSV or JSON list, or a split file of CoOp's. See docs/data.md for each.
 *
 * ```js
 * const { classNames, train, test, skipped } = await readPictureData('photos', { split: { test: 0.25 } });
 * ```
 * @throws MapleError when there is nothing of the kind at `path`, two classes are called alike, or a list leads out of
 * its folder
 */
export async function readPictureData(path: string, options: PictureDataOptions = {}): Promise<PictureData> {
  checkKnown('readPictureData', options, OPTIONS);
  const { split, seed = 1, check = 'whole', orientation = 'ignore', ...how } = options;
  mustBeOrientation(orientation);
  const found = await findPictures(path, { check, ...how });
  mustDiffer(path, found.classNames);
  const skipped = [...found.skipped];
  const parts = partsOf(found, { test: TEST_SHARE, validation: 0, ...split }, seed, skipped, path);
  reportMissing(found, parts, skipped);
  const examples = (part: Part): Example[] =>
    found.pictures
      .filter((_, index) => parts[index] === part)
      .map((picture) => fileExample(picture.path, picture.label, orientation));
  const { name, classNames } = found;
  const [train, validation, test] = PARTS.map(examples);
  return { name, classNames, train, validation, test, skipped };
}

async function findPictures(
  path: string,
  options: { check: PictureCheck } & Pick<PictureDataOptions, 'allowOutside' | 'imageFolder' | 'onProgress'>,
): Promise<FoundPictures> {
  const found = await stat(path).catch((error: Error) => {
    throw new MapleError(
      `${path} cannot be read: ${error.message}. Name a folder of class folders, or a list (.csv, .tsv, .json).`,
      { cause: error },
    );
  });
  if (found.isDirectory()) {
    return findFolderPictures(path, options.check, options.onProgress);
  }
  const list = resolve(path);
  switch (extname(path).toLowerCase()) {
    case '.csv':
    case '.tsv':
      return findListedPictures(list, await readCsvList(path), options);
    case '.json':
      return findListedPictures(list, await readJsonList(path), options);
    default:
      throw new MapleError(`${path} must be a folder of pictures, or a list that ends in .csv, .tsv or .json.`);
  }
}

/** The part of each picture: its own, or held out of those to train on. */
function partsOf(
  { pictures }: FoundPictures,
  shares: HeldOutShares,
  seed: number,
  skipped: Skipped[],
  path: string,
): Part[] {
  const parts = pictures.map(({ part }) => part ?? 'train');
  const has = (part: Part): boolean => parts.includes(part);
  if (has('validation') && !has('test')) {
    skipped.push({ path, reason: 'has no test part: its validation pictures are tested on' });
    parts.forEach((part, index) => (parts[index] = part === 'validation' ? 'test' : part));
  }
  const wanted = { test: has('test') ? 0 : shares.test, validation: has('validation') ? 0 : shares.validation };
  const training = pictures.flatMap((_, index) => (parts[index] === 'train' ? [index] : []));
  const held = holdOut(
    training.map((index) => pictures[index]),
    wanted,
    seed,
  );
  held.forEach((part, at) => (parts[training[at]] = part));
  return parts;
}

/** Classes that a part lacks, where it has others. */
function reportMissing(
  { pictures, classNames, placeOf }: FoundPictures,
  parts: readonly Part[],
  skipped: Skipped[],
): void {
  const byLabel = classNames.map((): number[] => []);
  pictures.forEach(({ label }, index) => byLabel[label].push(index));
  for (const part of PARTS.filter((one) => parts.includes(one))) {
    classNames.forEach((className, label) => {
      const ofClass = byLabel[label];
      if (!ofClass.some((index) => parts[index] === part)) {
        const single = ofClass.length === 1 && pictures[ofClass[0]].part === undefined;
        const why = single ? ', since it has one picture only, which is trained on' : '';
        const reason = `the class has no ${part === 'train' ? 'training' : part} picture${why}`;
        skipped.push({ path: placeOf(className), reason });
      }
    });
  }
}
