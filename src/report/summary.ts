import { MapleError } from '../../layers/errors.js';
import { harmonicMean, meanAndDeviation } from '../evaluation/metrics.js';
import type { BaseToNewRecord } from '../evaluation/record.js';
import type { Method } from '../prompting/presets.js';

/** One method over all its runs: means, and the harmonic mean of those means, as in the paper's tables. */
export interface MethodSummary {
  method: Method;
  /** Accuracies are shares, 0 to 1. */
  base: number;
  new: number;
  harmonicMean: number;
  trainedParameters: number;
  /** Seconds of training, the mean. */
  trainSeconds: number;
  runs: BaseToNewRecord[];
}

/**
 * The methods of a set of records, in the order in which they first come.
 * @throws MapleError when there is no record, or the methods were not run on the same data sets and seeds, so that
 * their means could not be compared
 */
export function summarise(records: readonly BaseToNewRecord[]): MethodSummary[] {
  if (records.length === 0) {
    throw new MapleError('A report needs at least one record. Received: none. Run base-to-new first.');
  }
  const methods = [...new Set(records.map(({ method }) => method))];
  const summaries = methods.map((method) => summariseMethod(records.filter((record) => record.method === method)));
  const expected = cellsOf(summaries[0]);
  for (const summary of summaries) {
    if (cellsOf(summary) !== expected) {
      throw new MapleError(
        'Every method must have been run once on the same data sets and seeds. ' +
          `Received: ${summaries[0].method} on ${expected}; ${summary.method} on ${cellsOf(summary)}.`,
      );
    }
  }
  return summaries;
}

/** Number of test pictures of a split, each counted once, whatever the number of seeds. */
export function testPictures({ runs }: MethodSummary, split: 'base' | 'new'): number {
  const byDataset = new Map(runs.map((run) => [run.dataset, run[split].pictures]));
  return [...byDataset.values()].reduce((sum, count) => sum + count, 0);
}

function summariseMethod(runs: BaseToNewRecord[]): MethodSummary {
  const mean = (value: (run: BaseToNewRecord) => number): number => meanAndDeviation(runs.map(value)).mean;
  const base = mean((run) => run.base.accuracy);
  const novel = mean((run) => run.new.accuracy);
  return {
    method: runs[0].method,
    base,
    new: novel,
    harmonicMean: harmonicMean(base, novel),
    trainedParameters: runs[0].trainedParameters,
    trainSeconds: mean((run) => run.trainSeconds),
    runs,
  };
}

function cellsOf({ runs }: MethodSummary): string {
  return runs
    .map(({ dataset, seed }) => `${dataset} (seed ${seed})`)
    .sort()
    .join(', ');
}
