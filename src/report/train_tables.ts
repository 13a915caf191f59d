import type { FewShotRecord } from '../evaluation/record.js';
import { mostConfusedTable } from './confusion.js';
import { comparedRunsTables } from './compared_runs_table.js';
import { recordTitle } from './methods.js';
import { percent } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Classes that are shown where there are more: those of which the least is right. */
const MOST_CLASSES = 20;
/** Confused pairs that are shown. */
const MOST_PAIRS = 6;

/**
 * One training as tables: all that it measured, each class, and what the kept classifier takes most often for what.
 * @param records - on the same test pictures; the kept one has `chosen`, or is the last
 */
export function trainTables(records: readonly FewShotRecord[]): ResultTable[] {
  const overview = comparedRunsTables(records).map((table) => ({
    ...table,
    id: 'train',
    title: 'Zero-shot and tuned',
  }));
  return [...overview, ...trainDetails(records)];
}

/** What {@link trainTables} has beside the comparison. */
export function trainDetails(records: readonly FewShotRecord[]): ResultTable[] {
  const used = usedRecord(records);
  const title = `Most confused by ${recordTitle(used)}`;
  return [classes(records), ...mostConfusedTable(used.test, { id: 'train-confusions', title, most: MOST_PAIRS })];
}

/** The record of the classifier that was kept: the last of trainings that chose none. */
function usedRecord(records: readonly FewShotRecord[]): FewShotRecord {
  return records.find(({ chosen }) => chosen === true) ?? records[records.length - 1];
}

function classes(records: readonly FewShotRecord[]): ResultTable {
  const { classNames, labels } = records[0].test;
  const counts = new Array<number>(classNames.length).fill(0);
  labels.forEach((label) => counts[label]++);
  const last = usedRecord(records).test;
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
        ...records.map((record) => ({ title: recordTitle(record) })),
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
