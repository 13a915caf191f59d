import { METHODS, type Method } from '../prompting/presets.js';
import { METHOD_TITLES } from './methods.js';
import {
  PUBLISHED,
  PUBLISHED_DOMAINS,
  PUBLISHED_SOURCES,
  type PublishedDomain,
  type PublishedTransfer,
} from './published.js';
import { PUBLISHED_DATASETS, type ByMethod, type PublishedDataset } from './published_base_to_new.js';
import { resultTable, type ResultTable } from './result_table.js';

const NOT_OURS = 'Published figures, CLIP ViT-B/16 on real data sets: not measured here.';

/** What the official configurations call data sets that the paper's tables call otherwise. */
const OTHER_NAMES: ReadonlyMap<string, PublishedDataset> = new Map([
  ['oxfordflowers', 'Flowers102'],
  ['describabletextures', 'DTD'],
]);

/** The paper's name of a data set, if it is one of the paper's, however it is spelt. */
export function publishedName(dataset: string): PublishedDataset | undefined {
  return OTHER_NAMES.get(plain(dataset)) ?? PUBLISHED_DATASETS.find((name) => plain(name) === plain(dataset));
}

/** The paper's name of a domain of ImageNet, if it is one of the paper's, however it is spelt. */
export function publishedDomain(domain: string): PublishedDomain | undefined {
  return PUBLISHED_DOMAINS.find((name) => plain(name) === plain(domain));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The paper's base-to-new tables: a row a data set, harmonic means behind base and new. */
export function publishedBaseToNewTable(): ResultTable {
  const methods = METHODS.filter((method) => PUBLISHED_DATASETS.some((name) => PUBLISHED.baseToNew[name][method]));
  const written = (result?: { base: number; new: number; harmonicMean: number }): string =>
    result === undefined ? '' : [result.base, result.new, result.harmonicMean].map(fixed).join(' / ');
  return resultTable(
    {
      id: 'published-base-to-new',
      title: 'The paper’s base-to-new results',
      caption: `Base / new / HM in percent. ${NOT_OURS} Source: ${PUBLISHED_SOURCES.baseToNew}; ${PUBLISHED_SOURCES.averages}.`,
      columns: [{ title: 'Data set' }, ...methods.map((method) => ({ title: METHOD_TITLES[method], published: true }))],
    },
    [
      ...PUBLISHED_DATASETS.map((name) => ({
        name,
        values: methods.map((method) => written(PUBLISHED.baseToNew[name][method])),
      })),
      { name: 'Average', values: methods.map((method) => written(PUBLISHED.averages[method])) },
    ],
  );
}

/** The paper's cross-dataset table. */
export function publishedCrossDatasetTable(): ResultTable {
  const targets = PUBLISHED_DATASETS.filter((name) => name !== 'ImageNet');
  return transferTable(
    {
      id: 'published-cross-dataset',
      title: 'The paper’s cross-dataset results',
      caption: `Accuracy in percent, tuned on ImageNet. ${NOT_OURS} Source: ${PUBLISHED_SOURCES.crossDataset}.`,
    },
    targets,
    PUBLISHED.crossDataset,
  );
}

/** The paper's table of domain generalisation. */
export function publishedDomainsTable(): ResultTable {
  return transferTable(
    {
      id: 'published-domains',
      title: 'The paper’s domain generalisation',
      caption: `Accuracy in percent, tuned on ImageNet. ${NOT_OURS} Source: ${PUBLISHED_SOURCES.domains}.`,
    },
    PUBLISHED_DOMAINS,
    PUBLISHED.domains,
  );
}

function transferTable<Target extends string>(
  heading: Pick<ResultTable, 'id' | 'title' | 'caption'>,
  targets: readonly Target[],
  published: ByMethod<PublishedTransfer<Target>>,
): ResultTable {
  const rows = METHODS.flatMap((method: Method) => {
    const result = published[method];
    return result === undefined
      ? []
      : [
          {
            name: METHOD_TITLES[method],
            method,
            values: [result.source, ...targets.map((target) => result.targets[target]), result.average].map(fixed),
          },
        ];
  });
  const columns = ['ImageNet (source)', ...targets, 'Average'].map((title) => ({ title, published: true }));
  return resultTable({ ...heading, columns: [{ title: 'Method' }, ...columns] }, rows);
}

function fixed(value: number): string {
  return value.toFixed(2);
}
