import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { splitClasses } from '../data/class_split.js';
import type { Example, ImageDataset } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { pictureFeatures } from '../heads/features.js';
import { evaluateClassifier } from './evaluate.js';
import type { GalleryRecord, GallerySplit } from './record.js';
import { RUN_ARGS, tuneRun, type ProtocolRun, type RunArgs } from './tuned_run.js';

/** What {@link runGallery} needs. */
export interface GalleryArgs extends RunArgs {
  /** Turns a picture into a data URI, e.g. a small PNG. */
  encodeThumbnail: (picture: Picture) => Promise<string>;
  /** Classes shown of each half, at even distances. Default: 10. */
  classes?: number;
  /** Test pictures shown of each class, its first ones. Default: 8. */
  picturesPerClass?: number;
}

const ARGS: SettingNames<GalleryArgs> = { ...RUN_ARGS, encodeThumbnail: true, classes: true, picturesPerClass: true };

/** Digits of features that plots need. */
const DECIMALS = 4;

/**
 * A base-to-new run to look at: a few test pictures of a few base and new classes, what was said of them among all
 * names of their half, and their image features.
 * @throws MapleError for fewer than two classes, a design that does not fit the backbone, or a recipe that cannot be
 * trained by
 */
export async function runGallery(args: GalleryArgs): Promise<ProtocolRun<GalleryRecord>> {
  checkKnown('runGallery', args, ARGS);
  const { dataset, split = 'test' } = args;
  const halves = splitClasses(dataset);
  const chosen = { base: choose(halves.base, split, args), new: choose(halves.new, split, args) };
  const run = await tuneRun(args, halves.base, chosen.base.length + chosen.new.length);
  const base = await show(run.model, chosen.base, args);
  const others = await run.classifierOf(halves.new);
  try {
    const novel = await show(others, chosen.new, args);
    return { record: { ...run.finish(), protocol: 'gallery', base, new: novel }, model: run.model };
  } finally {
    others.dispose();
  }
}

function choose(
  dataset: ImageDataset,
  split: 'test' | 'validation',
  { classes = 10, picturesPerClass = 8 }: GalleryArgs,
): Example[] {
  const count = Math.min(classes, dataset.classNames.length);
  const labels = Array.from({ length: count }, (_, place) =>
    Math.floor(((place + 0.5) * dataset.classNames.length) / count),
  );
  return labels.flatMap((label) =>
    dataset[split].filter((example) => example.label === label).slice(0, picturesPerClass),
  );
}

async function show(model: LayersModel, examples: Example[], args: GalleryArgs): Promise<GallerySplit> {
  const { classNames, said, labels } = await evaluateClassifier(model, examples, { loader: args.loader });
  const pictures = await Promise.all(examples.map((example) => example.load()));
  const thumbnails: Record<number, string> = {};
  for (const [index, label] of labels.entries()) {
    thumbnails[label] ??= await args.encodeThumbnail(pictures[index]);
  }
  return { classNames, labels, said, thumbnails, features: await imageFeatures(model, examples, args.loader) };
}

/** Unit image features, rounded. */
async function imageFeatures(
  model: LayersModel,
  examples: readonly Example[],
  loader?: PictureLoader,
): Promise<number[][]> {
  const { values, width } = await pictureFeatures(model, examples, { loader });
  return examples.map((_, row) =>
    Array.from(values.slice(row * width, (row + 1) * width), (value) => Number(value.toFixed(DECIMALS))),
  );
}
