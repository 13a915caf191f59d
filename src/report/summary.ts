import { MapleError } from '../../layers/errors.js';
import { harmonicMean, meanAndDeviation } from '../evaluation/metrics.js';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { RUN_METHODS, type RunMethod } from '../evaluation/run_methods.js';
import { comparableRuns } from './comparable.js';
import type { Score } from './numbers.js';

/** One method over all its runs: means, and the harmonic mean of those means, as in the paper's tables. */
export interface MethodSummary {
  method: RunMethod;
  /** Accuracies are shares, 0 to 1: the mean over seeds within each data set, then over the data sets. */
  base: number;
  new: number;
  harmonicMean: number;
  /** The same of each seed over the data sets, with the deviation over seeds. */
  overSeeds: { base: Score; new: Score; harmonicMean: Score };
  /** Mean macro-F1, 0 to 1. */
  macroF1: { base: number; new: number };
  trainedParameters: number;
  /** Seconds of training, the mean. */
  trainSeconds: number;
  runs: BaseToNewRecord[];
}

/**
 * The methods of a set of base-to-new records on the data sets and seeds that all of them were run on.
 * @throws MapleError when there is no record, a run comes twice, or the methods have no data set and seed in common
 */
export function summarise(records: readonly BaseToNewRecord[]): MethodSummary[] {
  if (records.length === 0) {
    throw new MapleError('A report needs at least one record. Received: none. Run base-to-new first.');
  }
  const { groups } = comparableRuns(inOrder(records));
  return [...groups.values()].map(summariseRuns);
}

/** Summarises the runs of one method. */
export function summariseRuns(runs: BaseToNewRecord[]): MethodSummary {
  const mean = (value: (run: BaseToNewRecord) => number): number => meanOverDatasets(runs, value);
  const base = mean((run) => run.base.accuracy);
  const novel = mean((run) => run.new.accuracy);
  return {
    method: runs[0].method,
    base,
    new: novel,
    harmonicMean: harmonicMean(base, novel),
    overSeeds: scoresOf(runs),
    macroF1: { base: mean((run) => run.base.macroF1), new: mean((run) => run.new.macroF1) },
    trainedParameters: runs[0].trainedParameters,
    trainSeconds: mean((run) => run.trainSeconds),
    runs,
  };
}

/** Number of test pictures of a split, each counted once, whatever the number of seeds. */
export function testPictures({ runs }: MethodSummary, split: 'base' | 'new'): number {
  const byDataset = new Map(runs.map((run) => [run.dataset, run[split].pictures]));
  return [...byDataset.values()].reduce((sum, count) => sum + count, 0);
}

/** Every data set counts alike, however many seeds it was run with. */
export function meanOverDatasets<T extends { dataset: string }>(runs: readonly T[], value: (run: T) => number): number {
  const datasets = [...new Set(runs.map(({ dataset }) => dataset))];
  const means = datasets.map(
    (dataset) => meanAndDeviation(runs.filter((run) => run.dataset === dataset).map(value)).mean,
  );
  return meanAndDeviation(means).mean;
}

/**
 * A value of all runs, with its deviation over the seeds that every data set was run with.
 * @param valueOf - e.g. the mean over data sets, or the harmonic mean of two such means
 */
export function scoreOverSeeds<T extends { dataset: string; seed: number }>(
  runs: readonly T[],
  valueOf: (runs: readonly T[]) => number,
): Score {
  const datasets = new Set(runs.map(({ dataset }) => dataset)).size;
  const values = [...new Set(runs.map(({ seed }) => seed))]
    .map((seed) => runs.filter((run) => run.seed === seed))
    .filter((ofSeed) => ofSeed.length === datasets)
    .map(valueOf);
  const deviation = values.length === 0 ? 0 : meanAndDeviation(values).deviation;
  return { mean: valueOf(runs), deviation, count: values.length };
}

function inOrder(records: readonly BaseToNewRecord[]): BaseToNewRecord[] {
  return RUN_METHODS.flatMap((method) => records.filter((record) => record.method === method));
}

function scoresOf(runs: readonly BaseToNewRecord[]): MethodSummary['overSeeds'] {
  const ofBase = (some: readonly BaseToNewRecord[]): number => meanOverDatasets(some, (run) => run.base.accuracy);
  const ofNew = (some: readonly BaseToNewRecord[]): number => meanOverDatasets(some, (run) => run.new.accuracy);
  const both = (some: readonly BaseToNewRecord[]): number => harmonicMean(ofBase(some), ofNew(some));
  return {
    base: scoreOverSeeds(runs, ofBase),
    new: scoreOverSeeds(runs, ofNew),
    harmonicMean: scoreOverSeeds(runs, both),
  };
}
