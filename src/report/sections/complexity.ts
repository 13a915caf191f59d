import type { ComplexityRecord } from '../../evaluation/record.js';
import { complexityTable, publishedComplexityTable } from '../complexity_table.js';
import type { Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { folded, section } from './section.js';

/** What the methods cost. */
export function complexitySection(records: readonly ComplexityRecord[]): Html[] {
  return records.length === 0
    ? []
    : [
        section(
          'Complexity',
          records.map((record) => titledTable(complexityTable(record))),
          folded('The paper’s own results', titledTable(publishedComplexityTable())),
        ),
      ];
}
