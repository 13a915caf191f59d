import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeHtml, rawHtml, type Html } from '../html.js';

echarts.use([BarChart, LineChart, ScatterChart, GridComponent, SVGRenderer]);

/** A chart's own width; the page sets three beside each other or, on a phone, one below the other. */
export const CHART_WIDTH = 320;

/** Text in a chart. */
export const TEXT = { color: 'var(--text)', fontSize: 12, fontFamily: 'system-ui, sans-serif' };
/** Text beside what a chart shows. */
export const FAINT = { ...TEXT, color: 'var(--faint)' };
/** Lines beside what a chart shows. */
export const LINE = { lineStyle: { color: 'var(--line)' } };

/** A chart and what stands above it. */
export interface Figure {
  title: string;
  chart: Html;
}

/** What {@link svgChart} draws. */
export interface ChartOptions {
  /** Keeps the names of its elements apart from those of other charts on the page. */
  id: string;
  /** For those who cannot see it. */
  description: string;
  height: number;
  /** ECharts' option. */
  option: object;
}

/** An SVG that takes the page's colours and width. */
export function svgChart({ id, description, height, option }: ChartOptions): Html {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height });
  chart.setOption({ animation: false, silent: true, textStyle: TEXT, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const label = escapeHtml(description);
  const opening = `<svg role="img" aria-label="${label}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CHART_WIDTH} ${height}">`;
  return rawHtml(
    svg
      .replace(/^<svg[^>]*>/, opening)
      // What only ECharts' own script in a browser would use.
      .replace(/<style\b[\s\S]*?<\/style>/g, '')
      .replace(/ (ecmeta_\w+|class)="[^"]*"/g, '')
      // Numbered by how many charts the process has drawn.
      .replace(/\bzr\d+-/g, `${id.replace(/[^\w-]+/g, '-')}-`),
  );
}

/** An axis of numbers with faint labels and lines. */
export function valueAxis(axis: object = {}): object {
  return {
    type: 'value',
    axisLabel: FAINT,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: LINE,
    nameTextStyle: FAINT,
    ...axis,
  };
}

/** The next of 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return power * ([1, 2, 3, 4, 5, 6, 8].find((step) => step * power >= value * (1 - 1e-9)) ?? 10);
}
