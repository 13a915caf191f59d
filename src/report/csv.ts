import { stringify } from 'csv-stringify/sync';
import type { AnyRecord, ComplexityRecord, ExperimentRecord, RunRecord, SplitMetrics } from '../evaluation/record.js';
import type { ResultTable } from './result_table.js';

const COLUMNS = [
  'protocol',
  'dataset',
  'method',
  'seed',
  'setting',
  'shots',
  'tested_on',
  'split',
  'metric',
  'value',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number>>;

/**
 * Records as tidy CSV, a row a number, for one's own analysis: which run, what it was tested on, which half of the
 * classes (`base`, `new`, `all`), which metric, and its value as recorded (accuracies as shares).
 */
export function csvRecords(records: readonly AnyRecord[]): string {
  return written(
    records.flatMap((record) => (record.protocol === 'complexity' ? costsOf(record) : rowsOf(record))),
    COLUMNS,
  );
}

/** The cells of tables as CSV, a row a cell, as the tables write them. */
export function csvTables(tables: readonly ResultTable[]): string {
  const rows = tables.flatMap(({ id, columns, rows: own }) =>
    own.flatMap(({ cells: [row, ...values] }) =>
      values.map((value, index) => ({ table: id, row, column: columns[index + 1].title, value: plainNumber(value) })),
    ),
  );
  return written(rows, ['table', 'row', 'column', 'value']);
}

function rowsOf(record: ExperimentRecord): Row[] {
  const { protocol, dataset, method, seed, setting, recipe } = record;
  const shots = 'shots' in record ? record.shots : (recipe?.shots ?? 0);
  const run: Row = { protocol, dataset, method, seed, setting: setting ?? '', shots };
  const ofRun = numbersOfRun(record).map(([metric, value]) => ({ ...run, tested_on: '', split: '', metric, value }));
  const tested = testsOf(record).flatMap(({ tested_on, split, metrics }) =>
    metrics.map(([metric, value]) => ({ ...run, tested_on, split, metric, value })),
  );
  return [...tested, ...ofRun];
}

/** The row's data set is the backbone, for costs are of no other data. */
function costsOf({ protocol, backbone, methods }: ComplexityRecord): Row[] {
  return methods.flatMap((cost) =>
    Object.entries({
      trainedParameters: cost.trainedParameters,
      shareOfClip: cost.shareOfClip,
      flops: cost.flops.each,
      flopsKept: cost.flops.kept,
      picturesPerSecond: cost.picturesPerSecond,
      ...(cost.secondsPerStep === undefined ? {} : { secondsPerStep: cost.secondsPerStep }),
    }).map(([metric, value]) => ({ protocol, dataset: backbone.name, method: cost.method, metric, value })),
  );
}

interface Test {
  tested_on: string;
  split: string;
  metrics: [string, number][];
}

function testsOf(record: ExperimentRecord): Test[] {
  const test = (tested_on: string, split: string, metrics: SplitMetrics): Test => ({
    tested_on,
    split,
    metrics: [
      ['accuracy', metrics.accuracy],
      ['macroF1', metrics.macroF1],
      ['pictures', metrics.pictures],
    ],
  });
  const { dataset } = record;
  switch (record.protocol) {
    case 'base-to-new':
      return [
        test(dataset, 'base', record.base),
        test(dataset, 'new', record.new),
        { tested_on: dataset, split: 'base and new', metrics: [['harmonicMean', record.harmonicMean]] },
      ];
    case 'transfer':
      return [
        test(dataset, 'source', record.source),
        ...record.targets.map((target) => test(target.dataset, target.kind, target)),
      ];
    case 'few-shot':
      return [test(dataset, 'all', record.test)];
    case 'gallery':
      return [];
  }
}

function numbersOfRun({ trainedParameters, trainSeconds, testSeconds, history }: RunRecord): [string, number][] {
  const last = history[history.length - 1];
  return [
    ['trainedParameters', trainedParameters],
    ['trainSeconds', trainSeconds],
    ['testSeconds', testSeconds],
    ...(last === undefined ? [] : [['lastLoss', last.loss] as [string, number]]),
  ];
}

/** `3,555,072` and `−1.0` as numbers, which they are; other text as it is. */
function plainNumber(text: string): string | number {
  return /^[+−]?[\d,]+(\.\d+)?$/.test(text) ? Number(text.replace('−', '-').replaceAll(',', '')) : text;
}

/** Names that a spreadsheet would take for a formula are quoted by an apostrophe; numbers are not. */
function written(rows: readonly object[], columns: readonly string[]): string {
  return stringify([...rows], { header: true, columns: [...columns], escape_formulas: true });
}
