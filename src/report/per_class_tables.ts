import { meanAndDeviation } from '../evaluation/metrics.js';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { datasetsOf } from './base_to_new_tables.js';
import { comparableRuns } from './comparable.js';
import { METHOD_TITLES } from './methods.js';
import { percent } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Accuracy within each class, a table a data set: a row a class, a column a method, base classes first. */
export function perClassTables(records: readonly BaseToNewRecord[]): ResultTable[] {
  return datasetsOf(records).map((dataset) => {
    const { groups, note } = comparableRuns(records.filter((record) => record.dataset === dataset));
    const methods = [...groups.values()];
    const rows = (['base', 'new'] as const).flatMap((split) =>
      methods[0][0][split].classNames.map((className, label) => ({
        name: className,
        values: [split, ...methods.map((runs) => meanOf(runs.map((run) => run[split].perClass[label])))],
      })),
    );
    return resultTable(
      {
        id: `per-class-${dataset}`,
        title: `Accuracy within each class: ${dataset}`,
        caption: `Accuracy within each class in percent, the mean over seeds. ${note}`.trim(),
        columns: [
          { title: 'Class' },
          { title: 'Half', text: true },
          ...methods.map(([{ method }]) => ({ title: METHOD_TITLES[method] })),
        ],
      },
      rows,
    );
  });
}

/** A class without test pictures has no accuracy: JSON has null for it. */
function meanOf(values: readonly (number | null)[]): string {
  const known = values.filter((value): value is number => value !== null && !Number.isNaN(value));
  return known.length === 0 ? '' : percent(meanAndDeviation(known).mean);
}
