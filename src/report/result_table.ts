import type { RunMethod } from '../evaluation/run_methods.js';

/** A table of results, for HTML, Markdown, CSV or the terminal to draw. */
export interface ResultTable {
  /** What the page and the CSV file call it, e.g. `base-to-new-average`. */
  id: string;
  title: string;
  /** What a reader must know to read it; may be empty. */
  caption: string;
  columns: Column[];
  rows: ResultRow[];
}

/** A column of a {@link ResultTable}. */
export interface Column {
  title: string;
  /** Whether its highest number is marked. */
  ranked?: boolean;
  /** Numbers that are not ours: published ones. */
  published?: boolean;
  /** Words rather than numbers. */
  text?: boolean;
}

/** A row of a {@link ResultTable}. */
export interface ResultRow {
  /** The first names the row, the others are its values; an empty cell is not known. */
  cells: string[];
  /** Which cells hold their column's highest number; none where all are alike. */
  best: boolean[];
  /** The method the row is of, where it is of one. */
  method?: RunMethod;
}

/**
 * Builds a table and marks the highest number of each ranked column.
 * @param rows - a value is what is written, or a number with what is written of it
 */
export function resultTable(
  heading: Omit<ResultTable, 'rows'>,
  rows: readonly { name: string; method?: RunMethod; values: readonly string[] }[],
): ResultTable {
  const leading = (cell: string): number => Number.parseFloat(cell.replace('−', '-'));
  const best = heading.columns.map(({ ranked }, column) => {
    const numbers = rows.map(({ values }) => leading(values[column - 1] ?? '')).filter((value) => !Number.isNaN(value));
    const highest = Math.max(...numbers);
    const differ = numbers.some((value) => value !== highest);
    return (cell: string): boolean => ranked === true && differ && leading(cell) === highest;
  });
  return {
    ...heading,
    rows: rows.map(({ name, method, values }) => ({
      cells: [name, ...values],
      best: [false, ...values.map((cell, index) => best[index + 1](cell))],
      ...(method === undefined ? {} : { method }),
    })),
  };
}
