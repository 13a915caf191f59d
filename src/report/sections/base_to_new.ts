import type { BaseToNewRecord } from '../../evaluation/record.js';
import {
  averageTable,
  costTable,
  datasetsOf,
  datasetTables,
  gainsTable,
  harmonicMeanTable,
} from '../base_to_new_tables.js';
import type { Resampled } from '../bootstrap.js';
import { accuracyCharts } from '../charts/accuracy_charts.js';
import { gainCharts } from '../charts/gain_charts.js';
import { comparableRuns } from '../comparable.js';
import { html, type Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { METHOD_TITLES } from '../methods.js';
import { perClassTables } from '../per_class_tables.js';
import { publishedBaseToNewTable } from '../published_tables.js';
import type { MethodSummary } from '../summary.js';
import { meanOver } from '../numbers.js';
import { figures, folded, note, section, tableGrid } from './section.js';

/** Base to new: tables, bars, and folded what is looked up. */
export function baseToNewSections(
  records: readonly BaseToNewRecord[],
  summaries: readonly MethodSummary[],
  resampled: Resampled,
): Html[] {
  const several = datasetsOf(records).length > 1;
  return [
    section(
      'Base to new',
      titledTable(averageTable(summaries, comparableRuns(records).note)),
      figures(accuracyCharts(summaries)),
      gainsTable(summaries, resampled).map(titledTable),
      titledTable(costTable(summaries)),
      several ? undefined : folded('Accuracy within each class', perClassTables(records).map(titledTable)),
    ),
    ...(several ? [byDataset(records, summaries)] : []),
  ];
}

function byDataset(records: readonly BaseToNewRecord[], summaries: readonly MethodSummary[]): Html {
  const seeds = new Set(records.map(({ seed }) => seed)).size;
  return section(
    'Base to new by data set',
    gains(summaries),
    titledTable(harmonicMeanTable(summaries)),
    tableGrid(datasetTables(records)),
    note(`In percent, ${meanOver(seeds)}; the HM is of the means, the highest number bold.`),
    folded('The paper’s own results', titledTable(publishedBaseToNewTable())),
    folded(
      'Accuracy within each class',
      perClassTables(records).map((table) => folded(table.title, titledTable(table))),
    ),
  );
}

/** The main method's gains in sight, those of the others folded. */
function gains(summaries: readonly MethodSummary[]): Html | undefined {
  const zeroShot = summaries.find(({ method }) => method === 'zeroShot');
  const trained = summaries.filter(({ method }) => method !== 'zeroShot');
  const main = trained.find(({ method }) => method === 'maple') ?? trained[trained.length - 1];
  if (zeroShot === undefined || main === undefined) {
    return undefined;
  }
  const others = trained.filter((summary) => summary !== main);
  return html`<h3>Gain of ${METHOD_TITLES[main.method]} over zero-shot, percentage points</h3>
    ${figures(gainCharts(main, zeroShot))} ${note('Hollow bars are losses.')}
    ${
      others.length === 0
        ? undefined
        : folded(
            'Gains of the other methods',
            others.map(
              (summary) =>
                html`<h3>${METHOD_TITLES[summary.method]}</h3>
                  ${figures(gainCharts(summary, zeroShot))}`,
            ),
          )
    }`;
}
