import type { Score } from '../numbers.js';
import { FAINT, LINE, svgChart, TEXT, valueAxis, type ChartOptions, type Figure } from './svg_chart.js';
import type { Html } from '../html.js';

/** A line of a chart: a share by an amount. */
export interface Curve {
  name: string;
  colour: string;
  /** Outline of its points, in a box of 10 x 10. */
  marker: string;
  points: { x: number; score: Score }[];
  /** Drawn across the chart, broken: what no amount changes. */
  level?: boolean;
}

/** What {@link curveChart} draws. */
export interface CurveChart extends Pick<ChartOptions, 'id' | 'description'> {
  title: string;
  curves: Curve[];
  /** What the horizontal axis says. */
  axis: string;
  /** The amounts, ascending. */
  amounts: number[];
  /** Whether amounts double from one to the next. */
  doubling: boolean;
  height?: number;
}

/** Accuracies by an amount (shots, depth, length) as lines with the deviation over seeds as vertical strokes. */
export function curveChart(args: CurveChart): Figure {
  const { id, title, description, curves, axis, amounts, doubling, height = 240 } = args;
  const values = curves.flatMap(({ points }) =>
    points.flatMap(({ score: { mean, deviation } }) => [mean - deviation, mean + deviation]),
  );
  const { min, max, interval } = percentAxis(values);
  const at = (x: number): number => (doubling ? Math.log2(x) : x);
  const ends = [at(amounts[0]), at(amounts[amounts.length - 1])];
  const margin = 0.04 * (ends[1] - ends[0] || 1);
  const chart: Html = svgChart({
    id,
    description,
    height,
    option: {
      grid: { left: 40, right: 12, top: 10, bottom: 42, outerBoundsMode: 'none' },
      xAxis: valueAxis({
        min: ends[0] - margin,
        max: ends[1] + margin,
        name: axis,
        nameLocation: 'middle',
        nameGap: 24,
        axisLine: LINE,
        splitLine: { show: false },
        axisTick: { show: true, customValues: amounts.map(at), ...LINE },
        axisLabel: {
          ...FAINT,
          customValues: amounts.map(at),
          formatter: (value: number) => String(Math.round(doubling ? 2 ** value : value)),
        },
      }),
      yAxis: valueAxis({
        min,
        max,
        interval,
        axisLabel: { ...FAINT, formatter: '{value}%' },
      }),
      series: curves.flatMap((curve) => seriesOf(curve, at, ends)),
    },
  });
  return { title, chart };
}

/** An axis in whole steps of percent around all values, which are shares; not more than five steps where they suffice. */
function percentAxis(values: readonly number[]): { min: number; max: number; interval: number } {
  const [low, high] = [100 * Math.min(...values), 100 * Math.max(...values)];
  const interval = [2, 5, 10].find((step) => high - low <= 4 * step) ?? 20;
  const min = Math.floor(low / interval) * interval;
  return { min, max: Math.max(Math.ceil(high / interval) * interval, min + interval), interval };
}

function seriesOf(
  { colour, marker, points, level = false }: Curve,
  at: (x: number) => number,
  ends: number[],
): object[] {
  const lineStyle = { color: colour, width: 2, ...(level ? { type: 'dashed' } : {}) };
  if (level) {
    const [{ score }] = points;
    return [{ type: 'line', symbol: 'none', lineStyle, data: ends.map((x) => [x, 100 * score.mean]) }];
  }
  const strokes = points
    .filter(({ score }) => score.deviation > 0)
    .flatMap(({ x, score: { mean, deviation } }) => [
      [at(x), 100 * (mean - deviation)],
      [at(x), 100 * (mean + deviation)],
      [at(x), null],
    ]);
  const line = {
    type: 'line',
    symbol: `path://${marker}`,
    symbolSize: 9,
    showAllSymbol: true,
    lineStyle,
    itemStyle: { color: colour },
    label: { ...TEXT, show: false },
    data: points.map(({ x, score }) => [at(x), 100 * score.mean]),
  };
  const stroke = { type: 'line', symbol: 'none', lineStyle: { color: colour, width: 1, opacity: 0.7 }, data: strokes };
  return strokes.length === 0 ? [line] : [stroke, line];
}
