import Table from 'cli-table3';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { resultsOf } from './results.js';

/**
 * The results as a table for the terminal, without colours; a column's highest accuracy carries a star.
 * @throws MapleError when there is no record, or the methods cannot be compared
 */
export function resultsTable(records: readonly BaseToNewRecord[]): string {
  const { header, rows } = resultsOf(records);
  const table = new Table({
    head: header,
    colAligns: header.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const { cells, best } of rows) {
    // The star's place is kept in every row, so that the digits stand below each other.
    table.push(cells.map((cell, column) => (column >= 1 && column <= 3 ? cell + (best[column] ? '*' : ' ') : cell)));
  }
  return table.toString();
}
