import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { splitClasses } from '../data/class_split.js';
import type { Example, ImageDataset } from '../data/dataset.js';
import { readPicture } from '../node/pictures.js';
import { readAircraft } from './aircraft.js';
import { findPaperDataset, type PaperDatasetInfo } from './catalogue.js';
import { fewShotDraw } from './few_shot_draw.js';
import { readImageNet, readNumbered, readWordnetIds } from './imagenet.js';
import type { ListedPicture, Listing } from './listing.js';
import { readSplitFile } from './split_file.js';

/** What of a data set of the paper is wanted. */
export interface PaperDatasetOptions {
  /** Training pictures a class, drawn as the official code draws them. Default: all there are. */
  shots?: number;
  /** Decides the draw. Default: 1. */
  seed?: number;
  /** Half of the classes, as in base-to-new, chosen after the draw. Default: `all`. */
  classes?: 'all' | 'base' | 'new';
  /** Told what differs from the published data set without keeping it from being used. */
  onWarning?: (text: string) => void;
}

const OPTIONS: SettingNames<PaperDatasetOptions> = { shots: true, seed: true, classes: true, onWarning: true };

/**
 * A data set of the paper from its published files, where the official code expects them: `<root>/eurosat/2750/...` and
 * `<root>/eurosat/split_zhou_EuroSAT.json`. Files are listed and looked for now; a picture is decoded when asked for.
 *
 * ```ts no-run
 * const pets = await paperDataset('OxfordPets', '/data', { shots: 16, seed: 1 });
 * console.log(pets.classNames.length, pets.train.length, pets.test.length); // 37 592 3669
 * ```
 * @param name - an entry of {@link PAPER_DATASETS}, however it is spelt
 * @param root - the folder of all data sets
 * @throws MapleError when a file is missing or does not hold what it should, telling which; and where shots or half of
 * the classes are asked of a set that is for testing only
 */
export async function paperDataset(
  name: string,
  root: string,
  options: PaperDatasetOptions = {},
): Promise<ImageDataset> {
  checkKnown('paperDataset', options, OPTIONS);
  const { shots, seed = 1, classes = 'all', onWarning } = options;
  const info = findPaperDataset(name);
  if (info.testOnly && (shots !== undefined || classes !== 'all')) {
    throw new MapleError(
      `${info.name} is for testing only, among all of its classes: it has no training pictures to draw \`shots\` from, ` +
        'and no base and new half. Tune on ImageNet and test on it.',
    );
  }
  const listing = await listPaperDataset(info, root);
  for (const warning of differences(info, listing)) {
    onWarning?.(warning);
  }
  const drawn =
    shots === undefined ? listing : fewShotDraw({ train: listing.train, validation: listing.validation, shots, seed });
  const folder = resolve(root, info.folder);
  const examples = (pictures: readonly ListedPicture[]): Example[] =>
    pictures.map(({ label, path }) => ({
      label,
      name: join(info.folder, relative(folder, path)),
      path,
      load: () => readPicture(path),
    }));
  const dataset: ImageDataset = {
    name: info.name,
    classNames: distinct(listing.classNames),
    train: examples(drawn.train),
    validation: examples(drawn.validation),
    test: examples(listing.test),
    template: info.template,
  };
  return classes === 'all' ? dataset : { ...splitClasses(dataset)[classes], name: `${info.name}, ${classes} classes` };
}

/**
 * Looks for all files of a data set, without an object for each of its pictures, of which ImageNet has a million.
 * @returns what differs from the published data set without keeping it from being used
 * @throws MapleError as {@link paperDataset}
 */
export async function checkPaperDataset(name: string, root: string): Promise<string[]> {
  const info = findPaperDataset(name);
  return differences(info, await listPaperDataset(info, root));
}

async function listPaperDataset(info: PaperDatasetInfo, root: string): Promise<Listing> {
  const folder = resolve(root, info.folder);
  const pictures = join(folder, info.pictures);
  for (const path of new Set([resolve(root), folder, pictures])) {
    await mustBeFolder(path, info, root);
  }
  switch (info.layout.kind) {
    case 'splitFile': {
      const file = join(folder, info.layout.file);
      await mustHaveSplit(file, info);
      return readSplitFile(file, pictures);
    }
    case 'variants':
      return readAircraft(folder, pictures);
    case 'trainAndVal':
      return readImageNet(folder, pictures);
    case 'numbered':
      return readNumbered(folder, pictures);
    case 'wordnetIds':
      return readWordnetIds(folder, pictures);
  }
}

async function mustBeFolder(path: string, { name, folder, pictures }: PaperDatasetInfo, root: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new MapleError(
      `${path} must be a folder: ${name} is expected in ${join(root, folder)}, its pictures in ` +
        `${join(root, folder, pictures)}. Received: ${found === undefined ? 'nothing' : 'a file'} there.`,
    );
  }
}

async function mustHaveSplit(file: string, { name }: PaperDatasetInfo): Promise<void> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) {
    throw new MapleError(
      `${file} must be there: it says which pictures of ${name} are trained on and which are tested. Received: no such ` +
        'file. Where it is missing, the official code makes a random split of its own, on which figures cannot be ' +
        'compared with anybody else’s; so take the published file (DATASETS.md of github.com/KaiyangZhou/CoOp has it).',
    );
  }
}

/** What a data set has, but not in the published number. */
function differences({ name, classes, sizes }: PaperDatasetInfo, listing: Listing): string[] {
  const counts: [what: string, received: number, published: number][] = [
    ['classes', listing.classNames.length, classes],
    ['training pictures', listing.train.length, sizes.train],
    ['validation pictures', listing.validation.length, sizes.validation],
    ['test pictures', listing.test.length, sizes.test],
  ];
  return counts
    .filter(([, received, published]) => received !== published)
    .map(([what, received, published]) => `${name} has ${received} ${what}; as published it has ${published}.`);
}

/**
 * ImageNet's list gives a few names to two classes, which makes the same prompt of both, here as in the official code.
 * Names have to differ, so the second takes a space more, which the tokeniser passes over.
 */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    while (taken.has(own.replaceAll('_', ' '))) {
      own += ' ';
    }
    taken.add(own.replaceAll('_', ' '));
    return own;
  });
}
