import { harmonicMean } from '../evaluation/metrics.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { Random } from '../random.js';
import type { MethodSummary } from './summary.js';

/** A difference of two harmonic means, as shares, and what chance could make of it. */
export interface Difference {
  difference: number;
  /** Ends of the 95% interval. */
  low: number;
  high: number;
  /** Whether the interval holds 0. */
  withinChance: boolean;
}

/** What averages would have been with other test pictures and seeds. */
export interface Resampled {
  /** How often the pictures and seeds were drawn. */
  repeats: number;
  difference(one: MethodSummary, other: MethodSummary): Difference;
}

const { imul } = Math;

const MOST_REPEATS = 1000;
const FEWEST_REPEATS = 200;
/** Draws of pictures in all; large test sets are drawn less often. */
const DRAWS = 15_000_000;
const SPLITS = ['base', 'new'] as const;

/**
 * A paired bootstrap over test pictures and seeds: within each data set both are drawn again with replacement, the same
 * ones for all methods, so that what makes pictures easy or hard for all of them does not count as chance.
 * @param summaries - methods on the same data sets, seeds and pictures
 */
export function resample(summaries: readonly MethodSummary[]): Resampled {
  const datasets = [...new Set(summaries[0].runs.map(({ dataset }) => dataset))];
  const parts = datasets.flatMap((dataset) => SPLITS.map((split) => rightAnswers(summaries, dataset, split)));
  const pictures = parts.reduce((sum, part) => sum + part.pictures, 0);
  const repeats = Math.round(Math.min(MOST_REPEATS, Math.max(FEWEST_REPEATS, DRAWS / pictures)));
  const random = new Random(1).fork('bootstrap');
  const means = new Map<RunMethod, Float64Array>(summaries.map(({ method }) => [method, new Float64Array(repeats)]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sums = summaries.map(() => ({ base: 0, new: 0 }));
    for (const part of parts) {
      drawPart(part, random).forEach((share, method) => (sums[method][part.split] += share / datasets.length));
    }
    summaries.forEach(({ method }, index) => {
      (means.get(method) as Float64Array)[repeat] = harmonicMean(sums[index].base, sums[index].new);
    });
  }
  return { repeats, difference: (one, other) => differenceOf(one, other, means) };
}

/** What every method said of the pictures of one split of one data set. */
interface Part {
  split: 'base' | 'new';
  pictures: number;
  /** By method, then seed: 1 where the answer was right. */
  right: Uint8Array[][];
}

function rightAnswers(summaries: readonly MethodSummary[], dataset: string, split: 'base' | 'new'): Part {
  const right = summaries.map(({ runs }) =>
    runs
      .filter((run) => run.dataset === dataset)
      .map(({ [split]: { labels, said } }) => Uint8Array.from(labels, (label, index) => Number(said[index] === label))),
  );
  const pictures = Math.min(...right.flatMap((ofMethod) => ofMethod.map(({ length }) => length)));
  return { split, pictures, right };
}

/** The share each method has right of pictures and seeds drawn with replacement. */
function drawPart({ pictures, right }: Part, random: Random): number[] {
  const times = new Int32Array(pictures);
  for (let draw = 0; draw < pictures; draw++) {
    times[random.integer(pictures)]++;
  }
  const seeds = new Map<number, number>();
  for (let draw = 0; draw < right[0].length; draw++) {
    const seed = random.integer(right[0].length);
    seeds.set(seed, (seeds.get(seed) ?? 0) + 1);
  }
  return right.map((ofMethod) => {
    let hits = 0;
    seeds.forEach((count, seed) => (hits += count * countHits(ofMethod[seed], times)));
    return hits / (pictures * right[0].length);
  });
}

/** In whole numbers, some hundred million times a report: nearly all of its time. */
function countHits(right: Uint8Array, times: Int32Array): number {
  let hits = 0;
  for (let picture = 0; picture < times.length; picture++) {
    hits = (hits + imul(right[picture], times[picture])) | 0;
  }
  return hits;
}

function differenceOf(one: MethodSummary, other: MethodSummary, means: Map<RunMethod, Float64Array>): Difference {
  const [ofOne, ofOther] = [one, other].map(({ method }) => means.get(method) as Float64Array);
  const sorted = Float64Array.from(ofOne, (mean, repeat) => mean - ofOther[repeat]).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.025), at(0.975)];
  return { difference: one.harmonicMean - other.harmonicMean, low, high, withinChance: low <= 0 && high >= 0 };
}
