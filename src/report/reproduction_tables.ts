import { METHOD_TITLES, methodsOf } from './methods.js';
import { counted } from './numbers.js';
import { PUBLISHED_SOURCES } from './published.js';
import type { Measure, ReproducedFigure } from './reproduced_figures.js';
import { resultTable, type ResultTable } from './result_table.js';

const TITLES = {
  'base-to-new': 'Base to new',
  'cross-dataset': 'Cross-dataset transfer',
  'domain-generalisation': 'Domain generalisation',
} as const;
const MEASURE_TITLES: Record<Measure, string> = { base: 'Base', new: 'New', harmonicMean: 'HM', accuracy: 'Accuracy' };
const SOURCES = {
  'base-to-new': `${PUBLISHED_SOURCES.baseToNew}; averages: ${PUBLISHED_SOURCES.averages}`,
  'cross-dataset': PUBLISHED_SOURCES.crossDataset,
  'domain-generalisation': PUBLISHED_SOURCES.domains,
} as const;

/** Ours, the published and the difference: a table for each of the paper's tables and method, a row a data set. */
export function reproductionTables(figures: readonly ReproducedFigure[]): ResultTable[] {
  return (Object.keys(TITLES) as ReproducedFigure['table'][]).flatMap((table) => {
    const ofTable = figures.filter((figure) => figure.table === table);
    return methodsOf(ofTable).map((method) => tableOf(ofTable.filter((figure) => figure.method === method)));
  });
}

/** How many figures are within their bands, and which are not. */
export function reproductionFinding(figures: readonly ReproducedFigure[]): string[] {
  const compared = figures.filter(({ published }) => published !== undefined);
  const outside = compared.filter(({ withinBand }) => !withinBand);
  if (compared.length === 0) {
    return ['There are no published figures to compare these with.'];
  }
  return [
    `${compared.length - outside.length} of ${counted(compared.length, 'figure')} are within the expected band around the published one.`,
    ...outside.map(
      ({ method, dataset, measure, ours, published = 0, difference = 0, band }) =>
        `Outside: ${METHOD_TITLES[method]}, ${dataset}, ${MEASURE_TITLES[measure]}: ${ours.toFixed(2)}, published ` +
        `${published.toFixed(2)} (${signed(difference)}, band ±${band?.points}: ${band?.why}).`,
    ),
  ];
}

function tableOf(figures: readonly ReproducedFigure[]): ResultTable {
  const [{ table, method }] = figures;
  const measures = [...new Set(figures.map(({ measure }) => measure))];
  const datasets = [...new Set(figures.map(({ dataset }) => dataset))];
  const seeds = [...new Set(figures.map((figure) => figure.seeds))];
  return resultTable(
    {
      id: `reproduced-${table}-${method}`,
      title: `${TITLES[table]}, ours beside the paper’s: ${METHOD_TITLES[method]}`,
      caption:
        `In percent; ours of ${seeds.map((count) => counted(count, 'seed')).join(' or ')}, the paper’s of three. Δ is ` +
        'ours less the paper’s, in points; ! marks one outside the band, which is our judgement of how far runs may ' +
        `differ, not a published deviation. The paper’s figures were read in: ${SOURCES[table]}.`,
      columns: [
        { title: 'Data set' },
        ...measures.flatMap((measure) => [
          { title: MEASURE_TITLES[measure] },
          { title: `Paper ${MEASURE_TITLES[measure]}`, published: true },
          { title: 'Δ' },
        ]),
        { title: 'Band' },
      ],
    },
    datasets.map((dataset) => {
      const ofDataset = figures.filter((figure) => figure.dataset === dataset);
      const band = ofDataset.find((figure) => figure.band !== undefined)?.band;
      return {
        name: dataset,
        values: [...ofDataset.flatMap(valuesOf), band === undefined ? '' : `±${band.points}`],
      };
    }),
  );
}

function valuesOf({ ours, published, difference, withinBand }: ReproducedFigure): string[] {
  return published === undefined || difference === undefined
    ? [ours.toFixed(2), '', '']
    : [ours.toFixed(2), published.toFixed(2), `${signed(difference)}${withinBand ? '' : ' !'}`];
}

function signed(points: number): string {
  const size = Math.abs(points).toFixed(2);
  return size === '0.00' ? size : `${points > 0 ? '+' : '−'}${size}`;
}
