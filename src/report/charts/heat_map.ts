import { CHART_WIDTH, FAINT, svgChart, type Figure } from './svg_chart.js';

/** What {@link heatMap} draws. */
export interface HeatMap {
  id: string;
  title: string;
  description: string;
  /** Names of rows and columns alike. */
  names: readonly string[];
  /** Share of each row's pictures in each column, 0 to 1. */
  shares: readonly (readonly number[])[];
}

/** Room for the names of the rows: what the longest needs, within these. */
const LEAST_NAMES = 60;
const MOST_NAMES = 132;
/** Width of a letter of the largest names. */
const LETTER = 5.6;
const NAME_SIZE = 10;
/** Without a browser ECharts estimates widths, and too small ones. */
const ESTIMATED = 0.8;
const EDGE = 4;

/** A confusion matrix: rows are classes, columns what they were taken for; the right answers in a colour of their own. */
export function heatMap({ id, title, description, names, shares }: HeatMap): Figure {
  const longest = LETTER * Math.max(...names.map((name) => name.length));
  const room = Math.min(MOST_NAMES, Math.max(LEAST_NAMES, Math.ceil(longest) + 2 * EDGE));
  const side = CHART_WIDTH - room - EDGE;
  const cell = side / names.length;
  const cells = shares.flatMap((row, truth) =>
    row.flatMap((share, said) => (share === 0 ? [] : [{ truth, said, share }])),
  );
  const size = [Math.max(cell - 0.4, 0.5), Math.max(cell - 0.4, 0.5)];
  return {
    title,
    chart: svgChart({
      id,
      description,
      height: side + 2 * EDGE,
      option: {
        grid: {
          left: room,
          top: EDGE,
          width: side,
          height: side,
          outerBoundsMode: 'none',
          show: true,
          borderColor: 'var(--line)',
        },
        xAxis: { type: 'category', data: names, show: false },
        yAxis: {
          type: 'category',
          inverse: true,
          data: names,
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: {
            ...FAINT,
            show: cell >= 5,
            interval: 0,
            fontSize: Math.min(NAME_SIZE, cell + 0.5),
            width: room >= longest ? room : ESTIMATED * room,
            overflow: 'truncate',
            margin: 4,
          },
        },
        series: [
          {
            // Squares of a scatter plot: a heat map's colours are worked out, and could not be the page's variables.
            type: 'scatter',
            symbol: 'rect',
            symbolSize: size,
            data: cells.map(({ truth, said, share }) => ({
              value: [said, truth],
              itemStyle: {
                color: truth === said ? 'var(--heat-right)' : 'var(--heat-wrong)',
                opacity: Number((0.15 + 0.85 * share).toFixed(2)),
              },
            })),
          },
        ],
      },
    }),
  };
}
