import { harmonicMean } from '../evaluation/metrics.js';
import type { BaseToNewRecord, ExperimentRecord, TransferRecord } from '../evaluation/record.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { datasetsOf } from './base_to_new_tables.js';
import { bandOf, type Band } from './expected_bands.js';
import { methodsOf } from './methods.js';
import { PUBLISHED } from './published.js';
import { PUBLISHED_DATASETS, type PublishedDataset } from './published_base_to_new.js';
import { publishedDomain, publishedName } from './published_tables.js';
import { meanOverDatasets } from './summary.js';

/** What a figure of the paper's tables is of. */
export type Measure = 'base' | 'new' | 'harmonicMean' | 'accuracy';

/** A figure of ours beside the published one, both in percent. */
export interface ReproducedFigure {
  /** The table it belongs to. */
  table: 'base-to-new' | 'cross-dataset' | 'domain-generalisation';
  method: RunMethod;
  /** A data set, or `Average`. */
  dataset: string;
  measure: Measure;
  ours: number;
  /** Number of seeds behind it. */
  seeds: number;
  /** Absent where none was found in a source. */
  published?: number;
  /** Ours less the published. */
  difference?: number;
  /** How far off it may be before something is wrong, in points. */
  band?: Band;
  withinBand?: boolean;
}

const AVERAGE = 'Average';
type Published = Partial<Record<Measure, number>>;
type Common = Pick<ReproducedFigure, 'table' | 'method' | 'dataset' | 'seeds'>;

/** Every figure that the paper's tables have, from records in the methods' usual form, beside the published ones. */
export function reproducedFigures(records: readonly ExperimentRecord[]): ReproducedFigure[] {
  const usual = records.filter(({ setting }) => setting === undefined);
  return methodsOf(usual).flatMap((method) => {
    const own = usual.filter((record) => record.method === method);
    return [
      ...baseToNew(
        own.filter((record) => record.protocol === 'base-to-new'),
        method,
      ),
      ...transfer(
        own.filter((record) => record.protocol === 'transfer'),
        method,
        'dataset',
      ),
      ...transfer(
        own.filter((record) => record.protocol === 'transfer'),
        method,
        'domain',
      ),
    ];
  });
}

function baseToNew(records: readonly BaseToNewRecord[], method: RunMethod): ReproducedFigure[] {
  if (records.length === 0) {
    return [];
  }
  const figuresOf = (
    dataset: string,
    some: readonly BaseToNewRecord[],
    published: Published = {},
  ): ReproducedFigure[] => {
    const base = meanOverDatasets(some, (run) => run.base.accuracy);
    const novel = meanOverDatasets(some, (run) => run.new.accuracy);
    const ours = { base, new: novel, harmonicMean: harmonicMean(base, novel) };
    return (Object.keys(ours) as (keyof typeof ours)[]).map((measure) =>
      figure(
        { table: 'base-to-new', method, dataset, seeds: seedsOf(some) },
        measure,
        ours[measure],
        published[measure],
      ),
    );
  };
  const datasets = datasetsOf(records);
  const each = datasets.flatMap((dataset) => {
    const name = publishedName(dataset);
    const published = name && PUBLISHED.baseToNew[name][method];
    return figuresOf(
      dataset,
      records.filter((record) => record.dataset === dataset),
      published,
    );
  });
  // The paper's average is of all eleven.
  const names = datasets.map(publishedName);
  const complete = PUBLISHED_DATASETS.every((name) => names.includes(name));
  return datasets.length === 1
    ? each
    : [...each, ...figuresOf(AVERAGE, records, complete ? PUBLISHED.averages[method] : averageOf(names, method))];
}

/** The mean of the published figures of some data sets; nothing where one is missing. */
function averageOf(names: readonly (PublishedDataset | undefined)[], method: RunMethod): Published {
  const all = names.map((name) => name && PUBLISHED.baseToNew[name][method]);
  const known = all.filter((accuracies) => accuracies !== undefined);
  if (known.length < all.length) {
    return {};
  }
  const [base, novel] = (['base', 'new'] as const).map((measure) => mean(known.map((each) => each[measure])));
  return { base, new: novel, harmonicMean: harmonicMean(base, novel) };
}

function transfer(
  records: readonly TransferRecord[],
  method: RunMethod,
  kind: 'dataset' | 'domain',
): ReproducedFigure[] {
  const targets = [...new Set(records.flatMap((record) => targetsOf(record, kind).map(({ dataset }) => dataset)))];
  if (targets.length === 0) {
    return [];
  }
  const table = kind === 'dataset' ? 'cross-dataset' : 'domain-generalisation';
  const published = kind === 'dataset' ? PUBLISHED.crossDataset[method] : PUBLISHED.domains[method];
  const publishedOf = (dataset: string): number | undefined => {
    const name = kind === 'dataset' ? publishedName(dataset) : publishedDomain(dataset);
    return name && (published?.targets as Record<string, number> | undefined)?.[name];
  };
  const accuracyOf = (record: TransferRecord, dataset: string): number[] =>
    targetsOf(record, kind)
      .filter((target) => target.dataset === dataset)
      .map(({ accuracy }) => accuracy);
  const ours = targets.map((dataset) => mean(records.flatMap((record) => accuracyOf(record, dataset))));
  const counterparts = targets.map(publishedOf);
  const known = counterparts.filter((value) => value !== undefined);
  const common = (dataset: string): Common => ({ table, method, dataset, seeds: seedsOf(records) });
  const source = `${records[0].dataset} (source)`;
  return [
    figure(common(source), 'accuracy', mean(records.map((record) => record.source.accuracy)), published?.source),
    ...targets.map((dataset, index) => figure(common(dataset), 'accuracy', ours[index], counterparts[index])),
    figure(common(AVERAGE), 'accuracy', mean(ours), known.length < targets.length ? undefined : mean(known)),
  ];
}

function targetsOf({ targets }: TransferRecord, kind: 'dataset' | 'domain'): TransferRecord['targets'] {
  return targets.filter((target) => target.kind === kind);
}

function figure(common: Common, measure: Measure, share: number, published: number | undefined): ReproducedFigure {
  const ours = 100 * share;
  if (published === undefined) {
    return { ...common, measure, ours };
  }
  const band = bandOf(common.method, common.dataset === AVERAGE ? undefined : common.dataset);
  const difference = ours - published;
  return { ...common, measure, ours, published, difference, band, withinBand: Math.abs(difference) <= band.points };
}

function seedsOf(records: readonly { seed: number }[]): number {
  return new Set(records.map(({ seed }) => seed)).size;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
