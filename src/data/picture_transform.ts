import type { ImageStatistics } from '../clip/config.js';
import type { Resizing } from '../clip/image_statistics.js';
import type { Random } from '../random.js';
import { augment, type AugmentOptions } from './augment.js';
import type { Picture } from './picture.js';
import { testTransform } from './preprocess.js';
import { reduced } from './resize.js';

/** What is done to a picture before a model takes it, as plain data, so that another thread can do it. */
export type PictureTransform =
  /** {@link augment}: a random crop, mirrored or not. */
  | ({ kind: 'augment' } & AugmentOptions)
  /** {@link testTransform}: a square of `size`, by the model's fit and filter. */
  | ({ kind: 'test'; size: number } & Pick<ImageStatistics, 'fit' | 'filter'>)
  /** Smaller, where its shorter side has more than `shortSide` pixels. */
  | { kind: 'reduce'; shortSide: number };

/** The same by a model's filter, and in tests its fit, where it does not say them itself. */
export function transformFor<T extends PictureTransform>(transform: T, { fit, filter }: Resizing): T {
  const own = { test: { fit, filter }, augment: { filter }, reduce: {} }[transform.kind];
  return { ...own, ...transform };
}

/**
 * Does what a {@link PictureTransform} says.
 * @param random - the stream that decides; tests draw nothing from it
 */
export function transformPicture(picture: Picture, transform: PictureTransform, random: Random): Picture {
  switch (transform.kind) {
    case 'test':
      return testTransform(picture, transform.size, transform);
    case 'augment':
      return augment(picture, random, transform);
    case 'reduce':
      return reduced(picture, transform.shortSide);
  }
}
