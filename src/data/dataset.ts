import type { Orientation, Picture } from './picture.js';

/** One labelled picture, decoded (or drawn) only when asked for. */
export interface Example {
  /** Index into the data set's `classNames`. */
  label: number;
  /** What reports and error messages call it, e.g. a path. */
  name: string;
  /** Absolute path of the picture's file, where it is one: lets threads decode it. `load` gives that file's picture. */
  path?: string;
  /** By which rule `load` turns the picture of `path`, and threads have to. Default: `ignore`. */
  orientation?: Orientation;
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

/** Another label, the same picture; `load` is called on the example itself, which may be an instance of a class. */
export function relabelled(example: Example, label: number): Example {
  const { name, path, orientation } = example;
  return { label, name, path, orientation, load: () => example.load() };
}
