import type { Skipped } from './image_folder.js';
import type { Part } from './listed_picture.js';

/** A picture file that can be used. */
export interface FoundPicture {
  path: string;
  label: number;
  /** What decides its part where it is held out: the same wherever the data set's folder is. */
  key: string;
  /** Undefined where the data are not split. */
  part?: Part;
}

/** What a folder or list holds, before pictures are held out of training. */
export interface FoundPictures {
  name: string;
  classNames: string[];
  pictures: FoundPicture[];
  skipped: Skipped[];
  /** Where a class is, to be told with what it lacks. */
  placeOf: (className: string) => string;
}
