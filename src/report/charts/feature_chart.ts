import type { GallerySplit } from '../../evaluation/record.js';
import type { FeatureMap } from '../feature_map.js';
import { METHODS } from '../../prompting/presets.js';
import { methodMarker } from '../methods.js';
import { CHART_WIDTH, svgChart, TEXT, type Figure } from './svg_chart.js';

/** What {@link featureChart} draws. */
export interface FeatureChart {
  id: string;
  title: string;
  map: FeatureMap;
  split: GallerySplit;
}

/** Whose colours and markers the classes have; zero-shot's is a dash, which is no point. */
const SIGNS = METHODS.filter((method) => method !== 'zeroShot').reverse();
/** So many classes differ by marker and colour; the next ones are hollow. */
const KINDS = SIGNS.length;

/** Marker and colour of the n-th class shown. */
export function classSign(place: number): { marker: string; colour: string; hollow: boolean } {
  return {
    marker: methodMarker(SIGNS[place % KINDS]),
    colour: `var(--class${place % KINDS})`,
    hollow: Math.floor(place / KINDS) % 2 === 1,
  };
}

/** Image features as points, each class with its marker and colour. */
export function featureChart({ id, title, map, split }: FeatureChart): Figure {
  const classes = [...new Set(split.labels)];
  const [xs, ys] = [0, 1].map((axis) => map.points.map((point) => point[axis]));
  const hidden = (values: number[]): object => {
    const margin = 0.06 * (Math.max(...values) - Math.min(...values) || 1);
    return { type: 'value', show: false, min: Math.min(...values) - margin, max: Math.max(...values) + margin };
  };
  return {
    title,
    chart: svgChart({
      id,
      description: `${title}: ${map.points.length} pictures of ${classes.length} classes by the two main directions of their features`,
      height: CHART_WIDTH - 40,
      option: {
        grid: { left: 2, right: 2, top: 2, bottom: 2, show: true, borderColor: 'var(--line)', outerBoundsMode: 'none' },
        xAxis: hidden(xs),
        yAxis: hidden(ys),
        textStyle: TEXT,
        series: classes.map((label, place) => {
          const { marker, colour, hollow } = classSign(place);
          return {
            type: 'scatter',
            symbol: `path://${marker}`,
            symbolSize: 8,
            itemStyle: {
              color: hollow ? 'var(--card)' : colour,
              borderColor: hollow ? colour : 'var(--card)',
              borderWidth: hollow ? 1.5 : 0.5,
            },
            data: map.points.filter((_, index) => split.labels[index] === label),
          };
        }),
      },
    }),
  };
}
