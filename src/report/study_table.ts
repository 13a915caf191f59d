import { meanAndDeviation } from '../evaluation/metrics.js';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { METHOD_TITLES } from './methods.js';
import { percent } from './numbers.js';
import { summarise, type MethodSummary } from './summary.js';

/**
 * A base-to-new study as a Markdown table: a row a data set with base / new / harmonic mean of each method, the means
 * over seeds, the deviation of the harmonic mean behind it; last the averages, with the harmonic mean of the averages.
 * @throws MapleError when there is no record, or the methods were not run on the same data sets and seeds
 */
export function studyTable(records: readonly BaseToNewRecord[]): string {
  const methods = summarise(records).map(({ method }) => method);
  const datasets = [...new Set(records.map(({ dataset }) => dataset))];
  const rows = datasets.map((dataset) => {
    const summaries = summarise(records.filter((record) => record.dataset === dataset));
    return [dataset, ...summaries.map((summary) => `${cell(summary)} ± ${percent(spread(summary))}`)];
  });
  const lines = [
    ['', ...methods.map((method) => METHOD_TITLES[method])],
    ['---', ...methods.map(() => '---:')],
    ...rows,
    ['**average**', ...summarise(records).map((summary) => `**${cell(summary)}**`)],
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell({ base, new: novel, harmonicMean }: MethodSummary): string {
  return [base, novel, harmonicMean].map(percent).join(' / ');
}

/** Deviation of the seeds' harmonic means. */
function spread({ runs }: MethodSummary): number {
  return meanAndDeviation(runs.map((run) => run.harmonicMean)).deviation;
}
