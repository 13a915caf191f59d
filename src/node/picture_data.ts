import type { ImageDataset } from '../data/dataset.js';
import type { Skipped } from './image_folder.js';

/** What {@link readPictureData} gives: the data set, and what was left out of it. */
export interface PictureData extends ImageDataset {
  /** Files, folders and lines that were left out, and why. */
  skipped: Skipped[];
}
