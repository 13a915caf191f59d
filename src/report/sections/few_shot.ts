import type { FewShotRecord } from '../../evaluation/record.js';
import { datasetsOf } from '../base_to_new_tables.js';
import { curveChart } from '../charts/line_charts.js';
import type { Figure } from '../charts/svg_chart.js';
import { fewShotCurves, fewShotTables } from '../few_shot_tables.js';
import type { Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { METHOD_TITLES, methodColour, methodMarker, methodsOf } from '../methods.js';
import { percent } from '../numbers.js';
import { figures, folded, methodLegend, note, section, tableGrid } from './section.js';

/** Few-shot curves and their tables. */
export function fewShotSection(records: readonly FewShotRecord[]): Html[] {
  if (records.length === 0) {
    return [];
  }
  const [average, ...each] = fewShotTables(records);
  const datasets = datasetsOf(records);
  const charts = datasets.map((dataset) =>
    chartOf(
      records.filter((record) => record.dataset === dataset),
      dataset,
    ),
  );
  const several = datasets.length > 1;
  const drawn = [...(several ? [chartOf(records, 'Average over data sets')] : []), ...charts].flat();
  return [
    section(
      'Few-shot classification',
      ...(drawn.length === 0 ? [] : [figures(drawn), methodLegend(methodsOf(records)), legendNote(records)]),
      titledTable(average),
      several ? folded('Tables of the data sets', tableGrid(each)) : undefined,
    ),
  ];
}

/** What the chart's strokes and broken line are, where it has them. */
function legendNote(records: readonly FewShotRecord[]): Html {
  const strokes = new Set(records.filter(({ shots }) => shots > 0).map(({ seed }) => seed)).size > 1;
  const line = records.some(({ method }) => method === 'zeroShot');
  return note(
    [
      ...(strokes ? ['Upright strokes: one standard deviation over seeds to either side.'] : []),
      ...(line ? ['The broken line is zero-shot.'] : []),
    ].join(' '),
  );
}

/** None of fewer than two numbers of shots: the table says as much as points above each other. */
function chartOf(records: readonly FewShotRecord[], title: string): Figure[] {
  const { curves, shots } = fewShotCurves(records);
  if (shots.length < 2) {
    return [];
  }
  const described = curves.map(({ method, scores }) => {
    const values = [...scores].map(([count, { mean }]) => `${percent(mean)}%${count === 0 ? '' : ` at ${count}`}`);
    return `${METHOD_TITLES[method]} ${values.join(', ')}`;
  });
  const chart = curveChart({
    id: `few-shot-${title}`,
    title,
    description: `${title}, accuracy by training pictures a class: ${described.join('; ')}`,
    curves: curves.map(({ method, scores }) => ({
      name: METHOD_TITLES[method],
      colour: methodColour(method),
      marker: methodMarker(method),
      points: [...scores].map(([x, score]) => ({ x, score })).sort((one, other) => one.x - other.x),
      level: method === 'zeroShot',
    })),
    axis: 'training pictures a class',
    amounts: shots,
    doubling: true,
  });
  return [chart];
}
