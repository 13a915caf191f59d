import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import { Random } from '../random.js';

/** Shares of each class's pictures that are held out of training. */
export interface HeldOutShares {
  /** Above 0 and below 1, or 0 for none. */
  test: number;
  validation: number;
}

const SHARES: SettingNames<HeldOutShares> = { test: true, validation: true };

/** A picture to be given a part. */
export interface Splittable {
  label: number;
  /** Tells the picture from the others of its class, and decides its part: its path below the data set's folder. */
  key: string;
}

/**
 * Holds pictures out of training: of each class the share that is asked for, rounded, but one at least of each part as
 * long as one is left to train on. Which ones, the seed and the pictures' own keys decide: each has a number that depends on
 * nothing else, and the lowest of a class are held out. So a picture that is added moves one other of its class at
 * most to another part, and none where the rounded number stays and it is not among the lowest itself.
 *
 * @returns the part of each picture, in their order
 * @throws MapleError for shares that are none, or leave nothing to train on
 */
export function holdOut(
  pictures: readonly Splittable[],
  shares: HeldOutShares,
  seed: number,
): ('train' | 'validation' | 'test')[] {
  checkShares(shares);
  const random = new Random(seed);
  const byLabel = new Map<number, { index: number; place: number }[]>();
  for (const [index, { label, key }] of pictures.entries()) {
    const ofClass = byLabel.get(label) ?? [];
    byLabel.set(label, ofClass);
    ofClass.push({ index, place: random.fork('hold out', key).seed });
  }
  const parts = pictures.map((): 'train' | 'validation' | 'test' => 'train');
  for (const ofClass of byLabel.values()) {
    const spare = ofClass.length - 1;
    const test = Math.min(countOf(shares.test, ofClass.length), spare);
    const validation = Math.min(countOf(shares.validation, ofClass.length), spare - test);
    ofClass.sort((one, other) => one.place - other.place || one.index - other.index);
    ofClass.slice(0, test).forEach(({ index }) => (parts[index] = 'test'));
    ofClass.slice(test, test + validation).forEach(({ index }) => (parts[index] = 'validation'));
  }
  return parts;
}

function countOf(share: number, pictures: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * pictures));
}

function checkShares(shares: HeldOutShares): void {
  checkKnown('`split`', shares, SHARES);
  const { test, validation } = shares;
  for (const [name, share] of Object.entries({ test, validation })) {
    if (!(share >= 0 && share < 1)) {
      throw new MapleError(`\`split.${name}\` must be a share of 0 or more, below 1. Received: ${shown(share)}.`);
    }
  }
  if (test + validation >= 1) {
    throw new MapleError(
      `\`split\` must leave pictures to train on: its shares must come to less than 1. Received: ${test + validation}.`,
    );
  }
}
