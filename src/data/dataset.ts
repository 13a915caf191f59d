import type { Picture } from './picture.js';

/** One labelled picture, decoded (or drawn) only when asked for. */
export interface Example {
  /** Index into the data set's `classNames`. */
  label: number;
  /** What reports and error messages call it, e.g. a path. */
  name: string;
  /** Absolute path of the picture's file, where it is one: lets threads decode it. `load` gives that file's picture. */
  path?: string;
  /** The picture; the same one at every call. */
  load(): Promise<Picture>;
}

/** A labelled collection, split for training, for choosing settings, and for reporting. */
export interface ImageDataset {
  name: string;
  /** One a label, in the order of the labels. */
  classNames: string[];
  train: Example[];
  validation: Example[];
  test: Example[];
  /** The text that `{}` is set into for zero-shot use, where the data set has its own. */
  template?: string;
}
