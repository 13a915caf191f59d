import type { DataEvaluation } from '../evaluation/evaluate_data.js';
import { mostConfusedTable } from './confusion.js';
import { percent } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Classes and pairs that are shown where there are many: the worst. */
const MOST_ROWS = 20;

/** One evaluation as tables: its figures, the accuracy of each class, and what was taken most often for what. */
export function evaluationTables(evaluation: DataEvaluation): ResultTable[] {
  const confused = { id: 'evaluation-confusions', title: 'Most confused', most: MOST_ROWS };
  return [overview(evaluation), ofClasses(evaluation), ...mostConfusedTable(evaluation, confused)];
}

function overview({ accuracy, interval, macroF1, pictures, labels }: DataEvaluation): ResultTable {
  const range = `${percent(interval.low)} to ${percent(interval.high)}`;
  return resultTable(
    {
      id: 'evaluation',
      title: 'Accuracy in percent',
      caption: 'The interval is of 95%: what other pictures of the same kind would give.',
      columns: ['Pictures', 'Classes', 'Accuracy', 'Interval', 'Macro-F1'].map((title) => ({ title })),
    },
    [{ name: String(pictures), values: [String(new Set(labels).size), percent(accuracy), range, percent(macroF1)] }],
  );
}

function ofClasses({ classNames, perClass, labels }: DataEvaluation): ResultTable {
  const counts = new Array<number>(classNames.length).fill(0);
  labels.forEach((label) => counts[label]++);
  const tested = classNames.map((_, label) => label).filter((label) => counts[label] > 0);
  const worst = [...tested].sort((one, other) => perClass[one] - perClass[other]).slice(0, MOST_ROWS);
  const all = worst.length === tested.length;
  return resultTable(
    {
      id: 'evaluation-classes',
      title: all ? 'Classes, the hardest first' : `The ${MOST_ROWS} hardest of ${tested.length} classes`,
      caption: '',
      columns: [{ title: 'Class', text: true }, { title: 'Accuracy' }, { title: 'Pictures' }],
    },
    worst.map((label) => ({ name: classNames[label], values: [percent(perClass[label]), String(counts[label])] })),
  );
}
