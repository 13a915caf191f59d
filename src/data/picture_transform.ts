import type { Random } from '../random.js';
import { augment, type AugmentOptions } from './augment.js';
import type { Picture } from './picture.js';
import { testTransform } from './preprocess.js';

/** What is done to a picture before a model takes it, as plain data, so that another thread can do it. */
export type PictureTransform =
  /** {@link augment}: a random crop, mirrored or not. */
  | ({ kind: 'augment' } & AugmentOptions)
  /** {@link testTransform}: the short side to `size`, the square in the centre. */
  | { kind: 'test'; size: number };

/**
 * Does what a {@link PictureTransform} says.
 * @param random - the stream that decides; tests draw nothing from it
 */
export function transformPicture(picture: Picture, transform: PictureTransform, random: Random): Picture {
  return transform.kind === 'test' ? testTransform(picture, transform.size) : augment(picture, random, transform);
}
