import { basename, extname, resolve } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { relabelled, type Example, type ImageDataset } from '../data/dataset.js';
import { fewShots } from '../data/few_shot.js';
import { searchParts, type SearchParts } from '../data/search_parts.js';
import type { Orientation } from '../data/picture.js';
import type { Skipped } from './image_folder.js';
import { LateBar } from './late_bar.js';
import { readPictureData } from './picture_data.js';

/** Which pictures a training takes. */
export interface TrainDataOptions {
  /** Training pictures a class, or `all`. */
  shots: number | 'all';
  /** Decides which pictures are held out, and which are the shots. */
  seed: number;
  /** Share of a class's pictures that is held out for the test, where the data are not split. */
  testShare: number;
  /** Share that is held out to be looked at during training. */
  validationShare: number;
  /** What the paths of a list are relative to. Default: the folder that it is in. */
  imageFolder?: string;
  /** By which rule the pictures are turned. */
  orientation?: Orientation;
}

/** The pictures of a training; `train` are the shots. */
export interface TrainData {
  dataset: ImageDataset;
  /** Most training pictures of a class. */
  shots: number;
  /** What settings are searched for with; absent where no class has a picture to spare. */
  search?: SearchParts;
  /** Pictures of each class. */
  counts: { className: string; train: number; validation: number; test: number }[];
  skipped: Skipped[];
}

/** What a training of pictures is called: the name of their folder or list. */
export function trainingName(pictures: string): string {
  const path = resolve(pictures);
  return basename(path, ['.csv', '.json'].includes(extname(path)) ? extname(path) : '');
}

/**
 * Reads pictures for a training: what cannot be read is left out and listed, and so is a class without training
 * pictures.
 * @throws MapleError when there are fewer than two classes, or no test pictures
 */
export async function readTrainData(path: string, options: TrainDataOptions): Promise<TrainData> {
  const { shots, seed, testShare, validationShare, imageFolder, orientation } = options;
  const split = { test: testShare, validation: validationShare };
  const bar = new LateBar('  looking at pictures');
  const reading = readPictureData(path, {
    split,
    seed,
    imageFolder,
    orientation,
    check: 'whole',
    onProgress: bar.update,
  });
  const { skipped, ...found } = await reading.finally(() => bar.stop());
  const { dataset, leftOut } = withTrainedClasses(found, path);
  const allSkipped = [...skipped, ...leftOut];
  if (dataset.classNames.length < 2) {
    throw new MapleError(
      `${path} must have readable training pictures of two classes at least. Received: ` +
        `${dataset.classNames.length === 0 ? 'none' : `one, "${dataset.classNames[0]}"`}.${listed(allSkipped)}`,
    );
  }
  if (dataset.test.length === 0) {
    throw new MapleError(
      `${path} must have pictures left for the test: two of a class at least. Received: one picture of each class. ` +
        'Add pictures.',
    );
  }
  const train = fewShots(dataset.train, shots === 'all' ? dataset.train.length : shots, seed);
  const counts = dataset.classNames.map((className, label) => ({
    className,
    train: countOf(train, label),
    validation: countOf(dataset.validation, label),
    test: countOf(dataset.test, label),
  }));
  // A class may have fewer than were asked for.
  const most = Math.max(...counts.map((count) => count.train));
  const taken = new Set(train);
  const search = searchParts(
    {
      shots: train,
      spare: dataset.train.filter((example) => !taken.has(example)),
      validation: dataset.validation,
      classes: dataset.classNames.length,
    },
    seed,
  );
  return { dataset: { ...dataset, train }, shots: most, search, counts, skipped: allSkipped };
}

/** Without the classes that no training picture is of. */
function withTrainedClasses(data: ImageDataset, path: string): { dataset: ImageDataset; leftOut: Skipped[] } {
  const { classNames } = data;
  const kept = classNames.map((_, label) => label).filter((label) => countOf(data.train, label) > 0);
  const labels = new Map(kept.map((label, index) => [label, index]));
  const relabel = (examples: readonly Example[]): Example[] =>
    examples.flatMap((example) => {
      const label = labels.get(example.label);
      return label === undefined ? [] : [relabelled(example, label)];
    });
  return {
    dataset: {
      ...data,
      classNames: kept.map((label) => classNames[label]),
      train: relabel(data.train),
      validation: relabel(data.validation),
      test: relabel(data.test),
    },
    leftOut: classNames
      .filter((_, label) => !labels.has(label))
      .map((name) => ({ path, reason: `the class "${name}" has no readable training picture` })),
  };
}

function countOf(examples: readonly Example[], label: number): number {
  return examples.filter((example) => example.label === label).length;
}

function listed(skipped: readonly Skipped[]): string {
  const shown = skipped
    .slice(0, 5)
    .map(({ path, reason }) => `\n  - ${reason.includes(path) ? reason : `${path}: ${reason}`}`);
  return skipped.length === 0 ? '' : ` Left out:${shown.join('')}${skipped.length > 5 ? '\n  - ...' : ''}`;
}
