import { METHOD_TITLES, methodColour, methodInText } from '../methods.js';
import { signedPoints } from '../numbers.js';
import { summarise, type MethodSummary } from '../summary.js';
import { FAINT, LINE, roundUp, svgChart, TEXT, valueAxis, type Figure } from './svg_chart.js';

const BAR_ROW = 24;
const MEASURES = [
  ['Harmonic mean', 'harmonicMean'],
  ['Base classes', 'base'],
  ['New classes', 'new'],
] as const;

/** What a method gains over zero-shot on each data set, as bars sorted by size: one chart a measure, on one scale. */
export function gainCharts(summary: MethodSummary, zeroShot: MethodSummary): Figure[] {
  const datasets = [...new Set(summary.runs.map(({ dataset }) => dataset))];
  const rows = datasets.map((dataset) => {
    const [one, other] = [summary, zeroShot].map(
      ({ runs }) => summarise(runs.filter((run) => run.dataset === dataset))[0],
    );
    return {
      dataset,
      base: one.base - other.base,
      new: one.new - other.new,
      harmonicMean: one.harmonicMean - other.harmonicMean,
    };
  });
  const gains = rows.flatMap((row) => MEASURES.map(([, measure]) => 100 * row[measure]));
  const step = roundUp(Math.max(...gains.map(Math.abs), 1) / 2);
  const ends = {
    min: step * Math.floor(Math.min(...gains, 0) / step),
    max: step * Math.ceil(Math.max(...gains, 0) / step),
  };
  return MEASURES.map(([title, measure]) => {
    const sorted = [...rows].sort((one, other) => other[measure] - one[measure]);
    const described = sorted.map((row) => `${row.dataset} ${signedPoints(row[measure])}`).join(', ');
    return {
      title,
      chart: svgChart({
        id: `gain-${summary.method}-${measure}`,
        description: `${title}, ${METHOD_TITLES[summary.method]} over ${methodInText(zeroShot.method)}: ${described}`,
        height: BAR_ROW * rows.length + 30,
        option: {
          grid: { left: 100, right: 44, top: 4, bottom: 26, outerBoundsMode: 'none' },
          xAxis: valueAxis({ ...ends, interval: step, axisLabel: { ...FAINT, formatter: signed } }),
          yAxis: [
            categories(
              sorted.map(({ dataset }) => dataset),
              {
                axisLine: LINE,
                axisLabel: { ...TEXT, interval: 0, align: 'left', margin: 98, width: 94, overflow: 'truncate' },
              },
            ),
            categories(
              sorted.map((row) => signedPoints(row[measure])),
              {
                position: 'right',
                axisLabel: { ...TEXT, interval: 0, align: 'right', margin: 42, fontWeight: 600 },
              },
            ),
          ],
          series: [
            { type: 'bar', barWidth: 14, data: sorted.map((row) => barOf(row[measure], methodColour(summary.method))) },
          ],
        },
      }),
    };
  });
}

function categories(data: readonly string[], axis: object): object {
  const plain = { axisTick: { show: false }, axisLine: { show: false } };
  return { type: 'category', inverse: true, data, ...plain, ...axis };
}

/** A loss is hollow, so that its colour is not needed to tell it. */
function barOf(gain: number, colour: string): object {
  const hollow = { color: 'var(--card)', borderColor: colour, borderWidth: 1.5 };
  return { value: 100 * gain, itemStyle: gain < 0 ? hollow : { color: colour } };
}

function signed(value: number): string {
  return signedPoints(value / 100).replace(/\.0$/, '');
}
