import type { Orientation, Picture } from './picture.js';
import type { PictureTransform } from './picture_transform.js';

/**
 * Reads and transforms picture files beside the training, on threads of its own. Given to {@link pictureBatches},
 * {@link tunePrompts} or {@link evaluateClassifier}, it reads every example that has a `path`; the pixels are those that
 * they come to without it, bit for bit. Whoever opened it closes it.
 */
export interface PictureLoader {
  /** Pictures that are read at once. */
  readonly threads: number;
  /**
   * @param path - of the file
   * @param seed - of the {@link Random} that a random transform draws from
   * @param orientation - the example's. Default: `ignore`
   * @throws MapleError naming the file that cannot be read, or whose thread ended
   */
  load(path: string, transform: PictureTransform, seed: number, orientation?: Orientation): Promise<Picture>;
  /** Ends the threads; what is still being read fails. */
  close(): Promise<void>;
}
