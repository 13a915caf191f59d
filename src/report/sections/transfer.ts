import type { TransferRecord } from '../../evaluation/record.js';
import type { Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { publishedCrossDatasetTable, publishedDomainsTable } from '../published_tables.js';
import { transferTables } from '../transfer_tables.js';
import { folded, section } from './section.js';

/** Cross-dataset evaluation and domain generalisation. */
export function transferSection(records: readonly TransferRecord[]): Html[] {
  const tables = transferTables(records);
  return tables.length === 0
    ? []
    : [
        section(
          'Transfer',
          tables.map(titledTable),
          folded('The paper’s own results', [publishedCrossDatasetTable(), publishedDomainsTable()].map(titledTable)),
        ),
      ];
}
