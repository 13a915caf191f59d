import type { RunMethod } from '../evaluation/run_methods.js';
import { publishedName } from './published_tables.js';

/** How far a figure may be from the published one before something is likely to be wrong. */
export interface Band {
  /** Percentage points to either side. */
  points: number;
  /** Where the number comes from. */
  why: string;
}

/** Nothing is drawn. */
const ZERO_SHOT: Band = {
  points: 0.5,
  why: 'zero-shot draws nothing: only half precision, the JPEG decoder and the resizing can differ; our judgement',
};
const ZERO_SHOT_AVERAGE: Band = { ...ZERO_SHOT, points: 0.3 };
const TRAINED: Band = {
  points: 2,
  why: 'a few random pictures a class, three seeds: our judgement, no deviation was published',
};
const TRAINED_AVERAGE: Band = {
  points: 1,
  why: 'an average over data sets with three seeds: our judgement, no deviation was published',
};

/** Data sets where training ends further apart. */
const WIDER: ReadonlyMap<string, Band> = new Map([
  [
    'EuroSAT',
    {
      points: 5,
      why: 'five base classes, 80 pictures: a user of the official code reports 90.0 on base classes for MaPLe, published is 94.07',
    },
  ],
]);

/**
 * The band of a figure.
 * @param dataset - absent for an average over data sets
 */
export function bandOf(method: RunMethod, dataset?: string): Band {
  if (method === 'zeroShot') {
    return dataset === undefined ? ZERO_SHOT_AVERAGE : ZERO_SHOT;
  }
  return dataset === undefined ? TRAINED_AVERAGE : (WIDER.get(publishedName(dataset) ?? '') ?? TRAINED);
}
