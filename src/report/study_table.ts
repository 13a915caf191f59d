import type { BaseToNewRecord } from '../evaluation/record.js';
import { averageTable, harmonicMeanTable } from './base_to_new_tables.js';
import { markdownTable } from './markdown_table.js';
import { summarise } from './summary.js';

/**
 * A base-to-new study as two Markdown tables: the averages over data sets, a row a method, with the paper's beside them;
 * and the harmonic means, a row a data set. Means over seeds ± their standard deviation.
 * @throws MapleError when there is no record, or no data set and seed is common to the methods
 */
export function studyTable(records: readonly BaseToNewRecord[]): string {
  const summaries = summarise(records);
  return [averageTable(summaries), harmonicMeanTable(summaries)].map(markdownTable).join('\n\n');
}
