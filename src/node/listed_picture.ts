import { MapleError } from '../../layers/errors.js';

/** What the pictures of a data set are for. */
export type Part = 'train' | 'validation' | 'test';

/** The parts, in the order they are told in. */
export const PARTS: readonly Part[] = ['train', 'validation', 'test'];

/** One entry of a list of pictures, as it is written there. */
export interface ListedPicture {
  /** The entry, for messages: `line 3`, `train[12]`. */
  where: string;
  path: string;
  className: string;
  /** What tells the classes apart and orders them: a number, or the name itself. */
  key: string;
  /** Undefined where the list does not split. */
  part?: Part;
}

/** Entries of a list, and those that are none. */
export interface PictureList {
  pictures: ListedPicture[];
  /** Entries that cannot be used: `where` and why. */
  unusable: { where: string; reason: string }[];
}

const PART_NAMES = new Map<string, Part>([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** What a part is called in files and folders. */
export const PART_SPELLINGS = 'train, val (valid, validation) or test';

/** The part of a name such as `valid` or `Train`; undefined when it is none. */
export function partOfName(name: string): Part | undefined {
  return PART_NAMES.get(name.trim().toLowerCase());
}

/** Classes of a list in the order of their keys: as numbers where all are whole numbers, else by character. */
export interface ListedClasses {
  classNames: string[];
  /** The label of each key. */
  labels: ReadonlyMap<string, number>;
}

/**
 * @throws MapleError when a key has two names
 */
export function classesOf(list: string, pictures: readonly ListedPicture[]): ListedClasses {
  const first = new Map<string, ListedPicture>();
  for (const picture of pictures) {
    const known = first.get(picture.key) ?? picture;
    if (known.className !== picture.className) {
      throw new MapleError(
        `${list} must call a class by one name. Received for label ${picture.key}: ` +
          `${JSON.stringify(known.className)} in ${known.where}, ${JSON.stringify(picture.className)} in ${picture.where}.`,
      );
    }
    first.set(picture.key, known);
  }
  const keys = [...first.keys()];
  const numbered = keys.every((key) => /^\d+$/.test(key));
  keys.sort((one, other) => (numbered ? Number(one) - Number(other) : one < other ? -1 : 1));
  return {
    classNames: keys.map((key) => (first.get(key) as ListedPicture).className),
    labels: new Map(keys.map((key, label) => [key, label])),
  };
}
