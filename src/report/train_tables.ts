import { shareInterval } from '../evaluation/metrics.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { mostConfusedTable } from './confusion.js';
import { METHOD_TITLES } from './methods.js';
import { counted, percent } from './numbers.js';
import { pairedFinding } from './paired_finding.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Classes that are shown where there are more: those of which the least is right. */
const MOST_CLASSES = 20;
/** Confused pairs that are shown. */
const MOST_PAIRS = 6;

/**
 * One training as tables: zero-shot against tuned, each class, and what is taken most often for what.
 * @param records - on the same test pictures; the last is the one that was asked for
 */
export function trainTables(records: readonly FewShotRecord[]): ResultTable[] {
  const confused = { id: 'train-confusions', title: 'Most confused, after tuning', most: MOST_PAIRS };
  return [overview(records), classes(records), ...mostConfusedTable(records[records.length - 1].test, confused)];
}

function overview(records: readonly FewShotRecord[]): ResultTable {
  const { pictures, labels } = records[0].test;
  const tested = new Set(labels).size;
  const compared = pairedFinding(records)?.details ?? [];
  return resultTable(
    {
      id: 'train',
      title: 'Zero-shot and tuned',
      caption: [`In percent, on ${counted(pictures, 'test picture')} of ${tested} classes.`, ...compared].join(' '),
      columns: [
        { title: 'Method' },
        { title: 'Accuracy', ranked: true },
        { title: '95% interval' },
        { title: 'Macro-F1', ranked: true },
      ],
    },
    records.map(({ method, test }) => {
      const { low, high } = shareInterval(Math.round(test.accuracy * test.pictures), test.pictures);
      return {
        name: METHOD_TITLES[method],
        method,
        values: [percent(test.accuracy), `${percent(low)} to ${percent(high)}`, percent(test.macroF1)],
      };
    }),
  );
}

function classes(records: readonly FewShotRecord[]): ResultTable {
  const { classNames, labels } = records[0].test;
  const counts = new Array<number>(classNames.length).fill(0);
  labels.forEach((label) => counts[label]++);
  const last = records[records.length - 1].test;
  // A class without test pictures has no accuracy.
  const rank = (label: number): number => (counts[label] === 0 ? Infinity : last.perClass[label]);
  const hardest = classNames.map((_, label) => label).sort((one, other) => rank(one) - rank(other));
  const shown = hardest.slice(0, MOST_CLASSES);
  return resultTable(
    {
      id: 'train-classes',
      title: shown.length === hardest.length ? 'Classes' : `The ${MOST_CLASSES} hardest of ${hardest.length} classes`,
      caption: 'Accuracy in percent, the hardest class first.',
      columns: [
        { title: 'Class', text: true },
        { title: 'Test pictures' },
        ...records.map(({ method }) => ({ title: METHOD_TITLES[method] })),
      ],
    },
    shown.map((label) => ({
      name: classNames[label],
      values: [
        String(counts[label]),
        ...records.map(({ test }) => (counts[label] === 0 ? '' : percent(test.perClass[label]))),
      ],
    })),
  );
}
