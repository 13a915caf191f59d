import { Random } from '../random.js';
import type { Example } from './dataset.js';
import type { Picture } from './picture.js';
import type { PictureLoader } from './picture_loader.js';
import { transformPicture, type PictureTransform } from './picture_transform.js';

/** Pictures that are kept may take so much memory; the others are made again each time. */
const MOST_BYTES = 2 ** 29;
/** Of a reduced picture's sides, the longer by the shorter: as a camera has them. */
const USUAL_RATIO = 1.5;

/** What has been made of an example's picture, by what was to be made; gone with the example. */
const KEPT = new WeakMap<Example, Map<string, Promise<Picture>>>();

/**
 * The same examples with pictures no larger than training needs, decoded once and kept, so that many epochs of a camera's
 * pictures cost one.
 * @param shortSide - pixels that a picture's shorter side is reduced to, where it is longer
 */
export function reducedExamples(examples: readonly Example[], shortSide: number, loader?: PictureLoader): Example[] {
  return keptExamples(examples, { kind: 'reduce', shortSide }, USUAL_RATIO * shortSide ** 2, loader);
}

/**
 * The same examples with pictures as tests take them, decoded once and kept: to be tested again and again.
 * @param transform - the model's; it leaves what it made as it is
 */
export function preparedExamples(
  examples: readonly Example[],
  transform: PictureTransform & { kind: 'test' },
  loader?: PictureLoader,
): Example[] {
  return keptExamples(examples, transform, transform.size ** 2, loader);
}

function keptExamples(
  examples: readonly Example[],
  transform: PictureTransform,
  pixels: number,
  loader?: PictureLoader,
): Example[] {
  const most = Math.floor(MOST_BYTES / (3 * pixels));
  const key = JSON.stringify(transform);
  const make = (example: Example): Promise<Picture> => made(example, transform, loader);
  return examples.map((example, index) => ({
    label: example.label,
    name: example.name,
    load: () => (index < most ? kept(example, key, make) : make(example)),
  }));
}

async function made(example: Example, transform: PictureTransform, loader?: PictureLoader): Promise<Picture> {
  // Neither draws anything.
  const random = new Random(0);
  return loader !== undefined && example.path !== undefined
    ? loader.load(example.path, transform, random.seed, example.orientation)
    : transformPicture(await example.load(), transform, random);
}

function kept(example: Example, key: string, make: (example: Example) => Promise<Picture>): Promise<Picture> {
  const found = KEPT.get(example) ?? new Map<string, Promise<Picture>>();
  KEPT.set(example, found);
  const picture = found.get(key) ?? make(example);
  found.set(key, picture);
  // One that could not be read is tried again when it is asked for again.
  picture.catch(() => found.delete(key));
  return picture;
}
