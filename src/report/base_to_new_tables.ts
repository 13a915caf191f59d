import type { BaseToNewRecord } from '../evaluation/record.js';
import type { Resampled } from './bootstrap.js';
import { comparableRuns } from './comparable.js';
import { interval } from './finding.js';
import { METHOD_TITLES } from './methods.js';
import { counted, meanOver, percent, percentWithDeviation, signedPoints, thousands, type Score } from './numbers.js';
import { besidePapers, paperColumn } from './paper_columns.js';
import { PUBLISHED } from './published.js';
import { publishedName } from './published_tables.js';
import { resultTable, type Column, type ResultTable } from './result_table.js';
import { summarise, type MethodSummary } from './summary.js';

const MEASURES: Column[] = [
  { title: 'Base', ranked: true },
  { title: 'New', ranked: true },
  { title: 'HM', ranked: true },
];
const PUBLISHED_MEASURES: Column[] = ['base', 'new', 'HM'].map(paperColumn);

/** Averages over the data sets, with the paper's own beside them. */
export function averageTable(summaries: readonly MethodSummary[], note = ''): ResultTable {
  const { datasets, seeds } = extentOf(summaries);
  const published = summaries.some(({ method }) => PUBLISHED.averages[method]);
  return resultTable(
    {
      id: 'base-to-new-average',
      title:
        datasets.length === 1 ? 'Base to new' : `Base to new: average over ${counted(datasets.length, 'data set')}`,
      caption: [
        overSeeds(seeds),
        ...(published
          ? [
              besidePapers(
                'The paper’s columns are averages over all of its eleven data sets',
                summaries.flatMap(({ runs }) => runs),
                datasets.every((name) => publishedName(name) !== undefined),
              ),
            ]
          : []),
        note,
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      columns: [{ title: 'Method' }, ...MEASURES, ...(published ? PUBLISHED_MEASURES : [])],
    },
    summaries.map((summary) => ({
      name: METHOD_TITLES[summary.method],
      method: summary.method,
      values: [...scoresOf(summary), ...(published ? publishedScores(PUBLISHED.averages[summary.method]) : [])],
    })),
  );
}

/** What each method gains over zero-shot, with the intervals of chance; nothing without zero-shot. */
export function gainsTable(summaries: readonly MethodSummary[], resampled: Resampled): ResultTable[] {
  const zeroShot = summaries.find(({ method }) => method === 'zeroShot');
  const trained = summaries.filter(({ method }) => method !== 'zeroShot');
  const paper = PUBLISHED.averages.zeroShot;
  if (zeroShot === undefined || trained.length === 0 || paper === undefined) {
    return [];
  }
  const table = resultTable(
    {
      id: 'base-to-new-gains',
      title: 'Base to new: gain over zero-shot',
      caption:
        'Percentage points. The 95% interval of the gain in HM is a paired bootstrap: test pictures and seeds drawn again ' +
        `${thousands(resampled.repeats)} times, the same ones for both methods; where it holds 0, the gain is within chance.`,
      columns: [{ title: 'Method' }, ...MEASURES, { title: 'HM, 95% interval' }, paperColumn('HM')],
    },
    trained.map((summary) => {
      const published = PUBLISHED.averages[summary.method];
      const chance = resampled.difference(summary, zeroShot);
      return {
        name: METHOD_TITLES[summary.method],
        method: summary.method,
        values: [
          signedPoints(summary.base - zeroShot.base),
          signedPoints(summary.new - zeroShot.new),
          signedPoints(chance.difference),
          interval(chance),
          published ? signedPoints((published.harmonicMean - paper.harmonicMean) / 100) : '',
        ],
      };
    }),
  );
  return [table];
}

/** Macro-F1, the size of what is trained, and time. */
export function costTable(summaries: readonly MethodSummary[]): ResultTable {
  return resultTable(
    {
      id: 'base-to-new-f1-and-cost',
      title: 'Base to new: macro-F1 and cost',
      caption: 'Macro-F1 in percent and seconds of training: averages over data sets and seeds.',
      columns: [
        { title: 'Method' },
        { title: 'F1 base', ranked: true },
        { title: 'F1 new', ranked: true },
        { title: 'Trained parameters' },
        { title: 'Training s' },
      ],
    },
    summaries.map(({ method, macroF1, trainedParameters, trainSeconds }) => ({
      name: METHOD_TITLES[method],
      method,
      values: [percent(macroF1.base), percent(macroF1.new), thousands(trainedParameters), trainSeconds.toFixed(1)],
    })),
  );
}

/** One table: accuracies and cost of each method. */
export function overviewTable(summaries: readonly MethodSummary[]): ResultTable {
  const percents = MEASURES.map((column) => ({ ...column, title: `${column.title} %` }));
  return resultTable(
    {
      id: 'base-to-new-overview',
      title: 'Base to new',
      caption: '',
      columns: [{ title: 'Method' }, ...percents, { title: 'Trained parameters' }, { title: 'Training s' }],
    },
    summaries.map(({ method, base, new: novel, harmonicMean, trainedParameters, trainSeconds }) => ({
      name: METHOD_TITLES[method],
      method,
      values: [...[base, novel, harmonicMean].map(percent), thousands(trainedParameters), trainSeconds.toFixed(1)],
    })),
  );
}

/** One table a data set; where the paper has the same data set, its figures beside ours. */
export function datasetTables(records: readonly BaseToNewRecord[]): ResultTable[] {
  return datasetsOf(records).map((dataset) => {
    const own = records.filter((record) => record.dataset === dataset);
    const name = publishedName(dataset);
    const published = name === undefined ? {} : PUBLISHED.baseToNew[name];
    return resultTable(
      {
        id: `base-to-new-${dataset}`,
        title: `Base to new: ${dataset}`,
        caption: comparableRuns(own).note,
        columns: [{ title: 'Method' }, ...MEASURES, ...(name === undefined ? [] : PUBLISHED_MEASURES)],
      },
      summarise(own).map((summary) => ({
        name: METHOD_TITLES[summary.method],
        method: summary.method,
        values: [...scoresOf(summary), ...(name === undefined ? [] : publishedScores(published[summary.method]))],
      })),
    );
  });
}

/** The harmonic means of all methods on all data sets, with the average: a row a data set. */
export function harmonicMeanTable(summaries: readonly MethodSummary[]): ResultTable {
  const { datasets } = extentOf(summaries);
  const rows = datasets.map((dataset) => ({
    name: dataset,
    values: summaries.map(({ runs }) => {
      const [summary] = summarise(runs.filter((run) => run.dataset === dataset));
      return percentWithDeviation(summary.overSeeds.harmonicMean);
    }),
  }));
  const average = summaries.map(({ overSeeds }) => percentWithDeviation(overSeeds.harmonicMean));
  return resultTable(
    {
      id: 'base-to-new-harmonic-means',
      title: 'Base to new: harmonic means by data set',
      caption: overSeeds(extentOf(summaries).seeds),
      columns: [{ title: 'Data set' }, ...summaries.map(({ method }) => ({ title: METHOD_TITLES[method] }))],
    },
    [...rows, { name: 'Average', values: average }],
  );
}

function overSeeds(seeds: number): string {
  return `Accuracy in percent, ${meanOver(seeds)}; HM is of the averages.`;
}

/** The data sets in the order in which they come. */
export function datasetsOf(records: readonly { dataset: string }[]): string[] {
  return [...new Set(records.map(({ dataset }) => dataset))];
}

function extentOf([{ runs }]: readonly MethodSummary[]): { datasets: string[]; seeds: number } {
  return { datasets: datasetsOf(runs), seeds: new Set(runs.map(({ seed }) => seed)).size };
}

function scoresOf({ overSeeds }: MethodSummary): string[] {
  const scores: Score[] = [overSeeds.base, overSeeds.new, overSeeds.harmonicMean];
  return scores.map(percentWithDeviation);
}

function publishedScores(published: { base: number; new: number; harmonicMean: number } | undefined): string[] {
  return published === undefined
    ? ['', '', '']
    : [published.base, published.new, published.harmonicMean].map((value) => value.toFixed(2));
}
