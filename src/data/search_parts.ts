import { Random } from '../random.js';
import type { Example } from './dataset.js';
import { fewShots } from './few_shot.js';

/** What settings are searched for with. */
export interface SearchParts {
  /** Pictures that the search trains on: the shots, or those that are left of them. */
  train: Example[];
  /** Pictures that it judges by; never the test's. */
  validation: Example[];
  /** Whether validation pictures are shots, which the search trains without. */
  heldOut: boolean;
}

/** Validation pictures of a class, at most. */
const MOST_OF_A_CLASS = 16;
/** Validation pictures of all classes together, so far as every class keeps one. */
const MOST = 400;
/** Share of a class's shots that is held out where there are no others. */
const SHARE = 1 / 4;
/** A class with fewer pictures beside its shots has some of these held out instead. */
const LEAST_SPARE = 2;

/** The pictures of a data set that are not tested on. */
export interface TrainingPictures {
  /** Those to be tuned on. */
  shots: readonly Example[];
  /** The other training pictures, which nothing is learned from. */
  spare: readonly Example[];
  /** The data's own validation part. */
  validation: readonly Example[];
  classes: number;
}

/**
 * Chooses validation pictures without touching the test's: the data's own; else, class by class, training pictures that
 * are no shots; else a quarter of the class's shots. A class with a single picture keeps it for training.
 * @returns undefined when no class has a picture to spare
 */
export function searchParts(
  { shots, spare, validation, classes }: TrainingPictures,
  seed: number,
): SearchParts | undefined {
  const most = Math.max(1, Math.min(MOST_OF_A_CLASS, Math.floor(MOST / classes)));
  if (validation.length > 0) {
    return { train: [...shots], validation: fewShots(validation, most, seed), heldOut: false };
  }
  const random = new Random(seed).fork('search');
  const chosen = new Set<Example>();
  let heldOut = false;
  for (let label = 0; label < classes; label++) {
    const [others, own] = [spare, shots].map((from) => from.filter((example) => example.label === label));
    const hold = others.length < LEAST_SPARE;
    const count = hold ? Math.min(own.length - 1, Math.max(1, Math.round(own.length * SHARE))) : others.length;
    const drawn = random
      .fork('class', label)
      .shuffle(hold ? own : others)
      .slice(0, Math.min(count, most));
    drawn.forEach((example) => chosen.add(example));
    heldOut ||= hold && drawn.length > 0;
  }
  if (chosen.size === 0) {
    return undefined;
  }
  return { train: shots.filter((example) => !chosen.has(example)), validation: [...chosen], heldOut };
}
