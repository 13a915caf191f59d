import { MapleError } from '../../layers/errors.js';
import { relabelled, type Example, type ImageDataset } from './dataset.js';

/** The two halves of a data set's classes. */
export interface ClassSplit {
  /** The classes trained on: the first ceil(n / 2) labels. */
  base: ImageDataset;
  /** The classes never trained on: the rest, relabelled from 0. */
  new: ImageDataset;
}

/**
 * The split of the base-to-new protocol: by label, the first half (the larger one, where n is odd) and the rest.
 * @throws MapleError when there are fewer than two classes
 */
export function splitClasses(dataset: ImageDataset): ClassSplit {
  const count = dataset.classNames.length;
  if (count < 2) {
    throw new MapleError(`The data set ${dataset.name} must have at least two classes to split. Received: ${count}.`);
  }
  const middle = Math.ceil(count / 2);
  return { base: classRange(dataset, 'base', 0, middle), new: classRange(dataset, 'new', middle, count) };
}

function classRange(dataset: ImageDataset, part: string, from: number, to: number): ImageDataset {
  const select = (examples: readonly Example[]): Example[] =>
    examples
      .filter(({ label }) => label >= from && label < to)
      .map((example) => relabelled(example, example.label - from));
  return {
    ...dataset,
    name: `${dataset.name}, ${part} classes`,
    classNames: dataset.classNames.slice(from, to),
    train: select(dataset.train),
    validation: select(dataset.validation),
    test: select(dataset.test),
  };
}
