import type { FewShotRecord } from '../evaluation/record.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { datasetsOf } from './base_to_new_tables.js';
import { comparableRuns } from './comparable.js';
import { METHOD_TITLES, methodsOf } from './methods.js';
import { counted, meanOver, percentWithDeviation, type Score } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';
import { meanOverDatasets, scoreOverSeeds } from './summary.js';

/** A method's accuracy by the number of training pictures a class. */
export interface FewShotCurve {
  method: RunMethod;
  /** Key 0: zero-shot, which no number of shots changes. */
  scores: Map<number, Score>;
}

/** What a set of few-shot records says, over the data sets that all have. */
export interface FewShotCurves {
  curves: FewShotCurve[];
  /** All numbers of shots, ascending, without 0. */
  shots: number[];
  seeds: number;
  note: string;
}

/** Averages over data sets of every method and number of shots, on the cells that all share. */
export function fewShotCurves(records: readonly FewShotRecord[]): FewShotCurves {
  const { groups, note } = comparableRuns(records, ({ method, shots }) =>
    method === 'zeroShot' ? METHOD_TITLES[method] : `${METHOD_TITLES[method]} at ${counted(shots, 'shot')}`,
  );
  const runs = [...groups.values()];
  const score = (some: FewShotRecord[]): Score =>
    scoreOverSeeds(some, (runsOfSeed) => meanOverDatasets(runsOfSeed, ({ test }) => test.accuracy));
  const curves = methodsOf(records).map((method) => {
    const own = runs.filter(([first]) => first.method === method);
    return { method, scores: new Map(own.map((some) => [some[0].shots, score(some)])) };
  });
  const shots = [...new Set(runs.map(([first]) => first.shots))].filter((count) => count > 0);
  return {
    curves: curves.filter(({ scores }) => scores.size > 0),
    shots: shots.sort((one, other) => one - other),
    seeds: new Set(runs[0].map(({ seed }) => seed)).size,
    note,
  };
}

/** Few-shot classification: the average over data sets, then one table a data set. */
export function fewShotTables(records: readonly FewShotRecord[]): ResultTable[] {
  if (records.length === 0) {
    return [];
  }
  const datasets = datasetsOf(records);
  const over = datasets.length === 1 ? datasets[0] : `average over ${counted(datasets.length, 'data set')}`;
  const average = tableOf(records, 'few-shot-average', `Few-shot classification: ${over}`);
  const each = datasets.map((dataset) =>
    tableOf(
      records.filter((record) => record.dataset === dataset),
      `few-shot-${dataset}`,
      `Few-shot classification: ${dataset}`,
    ),
  );
  return [average, ...(datasets.length > 1 ? each : [])];
}

function tableOf(records: readonly FewShotRecord[], id: string, title: string): ResultTable {
  const { curves, shots, seeds, note } = fewShotCurves(records);
  const caption =
    'Accuracy in percent among all classes, by the number of training pictures a class; ' +
    `${meanOver(seeds)}. ${note}`;
  // Zero-shot alone has no number of shots.
  const counts = shots.length === 0 ? [0] : shots;
  return resultTable(
    {
      id,
      title,
      caption: caption.trim(),
      columns: [
        { title: 'Method' },
        ...counts.map((count) => ({ title: count === 1 ? '1 shot' : `${count} shots`, ranked: true })),
      ],
    },
    curves.map(({ method, scores }) => ({
      name: METHOD_TITLES[method],
      method,
      values: counts.map((count) => {
        const score = scores.get(method === 'zeroShot' ? 0 : count);
        return score === undefined ? '' : percentWithDeviation(score);
      }),
    })),
  );
}
