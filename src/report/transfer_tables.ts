import type { TransferRecord, TransferTarget } from '../evaluation/record.js';
import { comparableRuns } from './comparable.js';
import { METHOD_TITLES } from './methods.js';
import { meanOver, percentWithDeviation } from './numbers.js';
import { besidePapers, paperColumn } from './paper_columns.js';
import { PUBLISHED } from './published.js';
import { publishedDomain, publishedName } from './published_tables.js';
import { resultTable, type ResultTable } from './result_table.js';
import { meanOverDatasets, scoreOverSeeds } from './summary.js';

/** Cross-dataset evaluation and domain generalisation, a table each, a row a method, with the paper's average beside. */
export function transferTables(records: readonly TransferRecord[]): ResultTable[] {
  return records.length === 0
    ? []
    : [
        ...tableOf(records, 'dataset', 'cross-dataset', 'Cross-dataset transfer'),
        ...tableOf(records, 'domain', 'domain-generalisation', 'Domain generalisation'),
      ];
}

/** Names of the targets of a kind that all records have, in the first one's order. */
export function commonTargets(records: readonly TransferRecord[], kind: TransferTarget['kind']): string[] {
  const names = records.map(({ targets }) => targets.filter((target) => target.kind === kind).map((t) => t.dataset));
  return (names[0] ?? []).filter((name) => names.every((others) => others.includes(name)));
}

/** Mean accuracy of a run on the targets of these names. */
export function meanOnTargets({ targets }: TransferRecord, names: readonly string[]): number {
  const accuracies = names.map((name) => accuracyOn(targets, name));
  return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / names.length;
}

function tableOf(
  records: readonly TransferRecord[],
  kind: TransferTarget['kind'],
  id: string,
  title: string,
): ResultTable[] {
  const names = commonTargets(records, kind);
  if (names.length === 0) {
    return [];
  }
  const { groups, note } = comparableRuns(records);
  const runsOfFirst = [...groups.values()][0];
  const published = kind === 'dataset' ? PUBLISHED.crossDataset : PUBLISHED.domains;
  const sources = [...new Set(runsOfFirst.map(({ dataset }) => dataset))].join(', ');
  const seeds = new Set(runsOfFirst.map(({ seed }) => seed)).size;
  const score = (runs: TransferRecord[], valueOf: (run: TransferRecord) => number): string =>
    percentWithDeviation(scoreOverSeeds(runs, (some) => meanOverDatasets(some, valueOf)));
  const table = resultTable(
    {
      id,
      title,
      caption: [
        `Tuned on all classes of ${sources}, tested on ${kind === 'dataset' ? 'other data sets' : 'other looks of the same classes'}`,
        `with the same prompts. Accuracy in percent, ${meanOver(seeds)}; the`,
        'average is over the targets, without the source.',
        besidePapers(
          `The paper’s average is of all of its ${kind === 'dataset' ? 'ten data sets' : 'four domains'}`,
          records,
          names.every((name) => (kind === 'dataset' ? publishedName(name) : publishedDomain(name)) !== undefined),
        ),
        note,
      ]
        .join(' ')
        .trim(),
      columns: [
        { title: 'Method' },
        ...[`${sources} (source)`, ...names, 'Average'].map((name) => ({ title: name, ranked: true })),
        paperColumn('average'),
      ],
    },
    [...groups.values()].map((runs) => {
      const [{ method }] = runs;
      return {
        name: METHOD_TITLES[method],
        method,
        values: [
          score(runs, ({ source }) => source.accuracy),
          ...names.map((name) => score(runs, ({ targets }) => accuracyOn(targets, name))),
          score(runs, (run) => meanOnTargets(run, names)),
          published[method]?.average.toFixed(2) ?? '',
        ],
      };
    }),
  );
  return [table];
}

function accuracyOn(targets: readonly TransferTarget[], name: string): number {
  return (targets.find(({ dataset }) => dataset === name) as TransferTarget).accuracy;
}
