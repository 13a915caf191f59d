import type { BaseToNewRecord } from '../evaluation/record.js';
import { METHOD_TITLES } from './methods.js';
import { percent, thousands } from './numbers.js';
import { summarise, type MethodSummary } from './summary.js';

/** A table as text, for the terminal, Markdown or HTML to draw. */
export interface Results {
  header: string[];
  rows: ResultRow[];
}

/** One method; the first cell is its title, the others are numbers. */
export interface ResultRow {
  cells: string[];
  /** Which cells hold their column's highest accuracy; none where all are alike. */
  best: boolean[];
}

const HEADER = ['Method', 'Base %', 'New %', 'HM %', 'Trained parameters', 'Training s'];

/**
 * The table of a set of records: a row a method.
 * @throws MapleError when there is no record, or the methods were not run on the same data sets and seeds
 */
export function resultsOf(records: readonly BaseToNewRecord[]): Results {
  const summaries = summarise(records);
  const accuracies = summaries.map((summary) => accuraciesOf(summary).map(percent));
  const isBest = (row: number, column: number): boolean => {
    const values = accuracies.map((cells) => Number(cells[column]));
    return values[row] === Math.max(...values) && values.some((value) => value !== values[row]);
  };
  const rows = summaries.map(({ method, trainedParameters, trainSeconds }, row) => ({
    cells: [METHOD_TITLES[method], ...accuracies[row], thousands(trainedParameters), trainSeconds.toFixed(1)],
    best: HEADER.map((_, column) => column >= 1 && column <= 3 && isBest(row, column - 1)),
  }));
  return { header: HEADER, rows };
}

function accuraciesOf({ base, new: novel, harmonicMean }: MethodSummary): number[] {
  return [base, novel, harmonicMean];
}
