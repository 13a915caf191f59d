import type { BaseToNewRecord } from '../evaluation/record.js';
import { resultsOf } from './results.js';

/**
 * The results as a Markdown table; a column's highest accuracy is bold.
 * @throws MapleError when there is no record, or the methods cannot be compared
 */
export function markdownTable(records: readonly BaseToNewRecord[]): string {
  const { header, rows } = resultsOf(records);
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map(({ cells, best }) => line(cells.map((cell, column) => (best[column] ? `**${cell}**` : cell))));
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...body].join('\n');
}
