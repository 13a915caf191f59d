import type { ImageStatistics } from '../clip/config.js';
import type { Resizing } from '../clip/image_statistics.js';
import type { Random } from '../random.js';
import { augment, type AugmentOptions } from './augment.js';
import type { Picture } from './picture.js';
import { testTransform } from './preprocess.js';

/** What is done to a picture before a model takes it, as plain data, so that another thread can do it. */
export type PictureTransform =
  /** {@link augment}: a random crop, mirrored or not. */
  | ({ kind: 'augment' } & AugmentOptions)
  /** {@link testTransform}: a square of `size`, by the model's fit and filter. */
  | ({ kind: 'test'; size: number } & Pick<ImageStatistics, 'fit' | 'filter'>);

/** The same by a model's filter, and in tests its fit, where it does not say them itself. */
export function transformFor(transform: PictureTransform, { fit, filter }: Resizing): PictureTransform {
  return transform.kind === 'test' ? { fit, filter, ...transform } : { filter, ...transform };
}

/**
 * Does what a {@link PictureTransform} says.
 * @param random - the stream that decides; tests draw nothing from it
 */
export function transformPicture(picture: Picture, transform: PictureTransform, random: Random): Picture {
  return transform.kind === 'test'
    ? testTransform(picture, transform.size, transform)
    : augment(picture, random, transform);
}
