import Table from 'cli-table3';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { overviewTable } from './base_to_new_tables.js';
import type { ResultTable } from './result_table.js';
import { summarise } from './summary.js';

/** A table for the terminal, without colours; a column's highest number carries a star. */
export function terminalTable({ columns, rows }: ResultTable): string {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const { cells, best } of rows) {
    // The star's place is kept in every row, so that the digits stand below each other.
    table.push(cells.map((cell, column) => (columns[column].ranked ? cell + (best[column] ? '*' : ' ') : cell)));
  }
  return table.toString();
}

/** A table for the terminal between its title and what a reader must know, the star included. */
export function titledTerminalTable(table: ResultTable): string {
  return [table.title, starredTable(table), table.caption].filter((part) => part !== '').join('\n');
}

/**
 * Base-to-new results as a table for the terminal: a row a method, accuracies and cost.
 * @throws MapleError when there is no record, or the methods cannot be compared
 */
export function resultsTable(records: readonly BaseToNewRecord[]): string {
  return starredTable(overviewTable(summarise(records)));
}

function starredTable(table: ResultTable): string {
  const starred = table.rows.some(({ best }) => best.includes(true));
  return `${terminalTable(table)}${starred ? '\n* the highest of its column.' : ''}`;
}
