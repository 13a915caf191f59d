import { confusionMatrix } from '../evaluation/metrics.js';
import type { BaseToNewRecord, SplitMetrics } from '../evaluation/record.js';
import { comparableRuns } from './comparable.js';
import { METHOD_TITLES } from './methods.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Two runs whose confusions are set side by side: the same data set and seed. */
export interface ConfusedRuns {
  dataset: string;
  seed: number;
  /** Zero-shot, where there is such a run, and MaPLe or the last method there is. */
  runs: BaseToNewRecord[];
}

/** Pairs named in the table. */
const PAIRS = 6;
/** With more classes, the cells of a heat map cannot be told apart. */
export const MOST_CLASSES = 60;

/** The runs to show: of the data sets that are not too large the first, of its seeds the first. */
export function confusedRuns(records: readonly BaseToNewRecord[]): ConfusedRuns | undefined {
  const small = records.filter(
    ({ base, new: novel }) => Math.max(base.classNames.length, novel.classNames.length) <= MOST_CLASSES,
  );
  if (small.length === 0) {
    return undefined;
  }
  const methods = [...comparableRuns(small).groups.values()];
  const before = methods.find(([{ method }]) => method === 'zeroShot');
  const after = methods.find(([{ method }]) => method === 'maple') ?? methods[methods.length - 1];
  const runs = before === undefined || before === after ? [after[0]] : [before[0], after[0]];
  return { dataset: after[0].dataset, seed: after[0].seed, runs };
}

/** The confusion matrix of a split, each row as shares of its class's pictures. */
export function confusionShares({ labels, said, classNames }: SplitMetrics): number[][] {
  return confusionMatrix(said, labels, classNames.length).map((row) => {
    const pictures = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (pictures === 0 ? 0 : count / pictures));
  });
}

/** What is taken most often for what. */
export function confusedPairsTable({ dataset, seed, runs }: ConfusedRuns): ResultTable {
  const rows = runs.flatMap((run) =>
    (['base', 'new'] as const).flatMap((split) => pairsOf(run[split]).map((pair) => ({ ...pair, run, split }))),
  );
  const rank = rows.sort((one, other) => other.count - one.count);
  return resultTable(
    {
      id: 'confused-pairs',
      title: 'Most confused pairs',
      caption: `${dataset}, seed ${seed}; pictures of the class that were taken for the other.`,
      columns: [
        ...['Class', 'Taken for', 'Half', 'Method'].map((title) => ({ title, text: true })),
        { title: 'Pictures' },
      ],
    },
    runs.flatMap(({ method }) =>
      rank
        .filter(({ run }) => run.method === method)
        .slice(0, PAIRS)
        .map(({ truth, taken, split, count, of }) => ({
          name: truth,
          values: [taken, split, METHOD_TITLES[method], `${count} of ${of}`],
        })),
    ),
  );
}

/** Of one set of answers what is taken most often for what, the `most` most frequent pairs; none where all is right. */
export function mostConfusedTable(
  answers: Answers,
  { id, title, most }: { id: string; title: string; most: number },
): ResultTable[] {
  const pairs = pairsOf(answers).sort((one, other) => other.count - one.count);
  const columns = [{ title: 'Class', text: true }, { title: 'Taken for', text: true }, { title: 'Pictures' }];
  const rows = pairs
    .slice(0, most)
    .map(({ truth, taken, count, of }) => ({ name: truth, values: [taken, `${count} of ${of}`] }));
  return rows.length === 0 ? [] : [resultTable({ id, title, caption: '', columns }, rows)];
}

/** What was said of pictures, and what they are of. */
type Answers = Pick<SplitMetrics, 'labels' | 'said' | 'classNames'>;

/** A class, what it was taken for, how often, and of how many pictures of the class. */
interface ConfusedPair {
  truth: string;
  taken: string;
  count: number;
  of: number;
}

/** All pairs of classes of which one was taken for the other, in the order of the classes. */
function pairsOf({ labels, said, classNames }: Answers): ConfusedPair[] {
  return confusionMatrix(said, labels, classNames.length).flatMap((row, label) => {
    const of = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, other) =>
      other === label || count === 0 ? [] : [{ truth: classNames[label], taken: classNames[other], count, of }],
    );
  });
}
