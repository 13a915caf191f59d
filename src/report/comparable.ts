import { MapleError } from '../../layers/errors.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { METHOD_TITLES } from './methods.js';
import { counted, listed, thousands } from './numbers.js';

/** What is known of any run. */
export interface Run {
  method: RunMethod;
  dataset: string;
  seed: number;
}

/** Runs of several variants (methods, or one method's settings) on the same data sets and seeds. */
export interface Comparable<T> {
  /** The runs of each variant, all on the same data sets and seeds in the same order. */
  groups: Map<string, T[]>;
  /** What was left out, as a sentence; empty when nothing was. */
  note: string;
}

/** A variant with a smaller share of the cells than this is left out, rather than cutting all others to its cells. */
const ENOUGH = 0.5;

/**
 * The runs on the cells (data set and seed) that all variants share, so that their means can be compared while a study
 * is not yet complete. Zero-shot gives every seed the same, so one seed of it stands for all.
 * @param variantOf - names a run's variant; default: its method's title
 * @throws MapleError when a run comes twice or no cell is common
 */
export function comparableRuns<T extends Run>(
  records: readonly T[],
  variantOf: (run: T) => string = ({ method }) => METHOD_TITLES[method],
): Comparable<T> {
  const seeds = [...new Set(records.filter(({ method }) => method !== 'zeroShot').map(({ seed }) => seed))];
  const variants = new Map<string, Map<string, T>>();
  for (const record of records) {
    const name = variantOf(record);
    variants.set(name, addRun(variants.get(name) ?? new Map<string, T>(), record, name));
  }
  for (const cells of variants.values()) {
    standForSeeds(cells, seeds);
  }
  const most = Math.max(...[...variants.values()].map(({ size }) => size));
  const kept = [...variants].filter(([, cells]) => cells.size >= ENOUGH * most);
  const keys = [...new Set(kept.flatMap(([, cells]) => [...cells.keys()]))];
  const common = keys.filter((key) => kept.every(([, cells]) => cells.has(key)));
  if (common.length === 0) {
    const ran = kept.map(([name, cells]) => `${name} on ${[...cells.keys()].sort().join(', ')}`);
    throw new MapleError(
      'What is compared must have been run on some data set with the same seed. ' + `Received: ${ran.join('; ')}.`,
    );
  }
  const groups = new Map(kept.map(([name, cells]) => [name, common.map((key) => cells.get(key) as T)]));
  const leftOut = [...variants.keys()].filter((name) => !groups.has(name));
  return { groups, note: noteOf(common.length, keys.length, leftOut) };
}

function addRun<T extends Run>(cells: Map<string, T>, run: T, variant: string): Map<string, T> {
  const key = keyOf(run.dataset, run.seed);
  if (cells.has(key)) {
    throw new MapleError(`A run must come once. Received twice: ${variant} on ${key}.`);
  }
  return cells.set(key, run);
}

function standForSeeds<T extends Run>(cells: Map<string, T>, seeds: readonly number[]): void {
  for (const run of [...cells.values()].filter(({ method }) => method === 'zeroShot')) {
    for (const seed of seeds.filter((other) => !cells.has(keyOf(run.dataset, other)))) {
      cells.set(keyOf(run.dataset, seed), { ...run, seed });
    }
  }
}

function keyOf(dataset: string, seed: number): string {
  return `${dataset} (seed ${seed})`;
}

function noteOf(common: number, known: number, leftOut: readonly string[]): string {
  const sentences = [
    ...(common < known
      ? [`Compared on ${thousands(common)} of ${counted(known, 'cell')} (data set and seed): those that all have.`]
      : []),
    ...(leftOut.length > 0 ? [`Too few runs to be compared: ${listed(leftOut)}.`] : []),
  ];
  return sentences.join(' ');
}
