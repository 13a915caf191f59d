import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EpochRecord } from '../training/tune_prompts.js';
import { METHOD_TITLES, methodColour } from './methods.js';
import { percent } from './numbers.js';
import { escapeHtml, rawHtml, type Html } from './html.js';
import type { MethodSummary } from './summary.js';

echarts.use([BarChart, LineChart, GridComponent, SVGRenderer]);

/** A chart's own width; the page sets three beside each other or, on a phone, one below the other. */
const WIDTH = 320;
const BAR_ROW = 34;
const LOSS_HEIGHT = 190;
const TEXT = { color: 'var(--text)', fontSize: 12, fontFamily: 'system-ui, sans-serif' };
const FAINT = { ...TEXT, color: 'var(--faint)' };
const LINE = { lineStyle: { color: 'var(--line)' } };

/** Accuracies as bars, one chart for base, new and their harmonic mean, on one scale from 0 to 100%. */
export function accuracyCharts(summaries: readonly MethodSummary[]): { title: string; chart: Html }[] {
  const measures = [
    ['Base classes', 'base'],
    ['New classes', 'new'],
    ['Harmonic mean', 'harmonicMean'],
  ] as const;
  return measures.map(([title, measure]) => {
    const values = summaries.map((summary) => ({ title: METHOD_TITLES[summary.method], share: summary[measure] }));
    const described = values.map(({ title: name, share }) => `${name} ${percent(share)}%`).join(', ');
    const chart = svgChart(`accuracy-${measure}`, `${title}: ${described}`, BAR_ROW * summaries.length + 30, {
      grid: { left: 108, right: 22, top: 4, bottom: 26, outerBoundsMode: 'none' },
      xAxis: {
        type: 'value',
        min: 0,
        max: 100,
        interval: 25,
        axisLabel: { ...FAINT, formatter: '{value}%' },
        splitLine: LINE,
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: values.map((value) => value.title),
        axisLabel: { ...TEXT, interval: 0, align: 'left', margin: 106 },
        axisTick: { show: false },
        axisLine: LINE,
      },
      series: summaries.map((summary, index) => ({
        type: 'bar',
        barWidth: 18,
        barGap: '-100%',
        data: values.map(({ share }, row) => (row === index ? 100 * share : null)),
        itemStyle: { color: methodColour(summary.method), borderRadius: [0, 3, 3, 0] },
        label: {
          ...TEXT,
          show: true,
          fontWeight: 600,
          // Within the bar where there is no place behind it.
          position: summary[measure] > 0.75 ? 'insideRight' : 'right',
          color: summary[measure] > 0.75 ? 'var(--on-bar)' : 'var(--text)',
          formatter: () => `${percent(summary[measure])}%`,
        },
      })),
    });
    return { title, chart };
  });
}

/** The training loss over the epochs, one chart for each method that is trained, on one scale from 0. */
export function lossCharts(summaries: readonly MethodSummary[]): { title: string; chart: Html }[] {
  const trained = summaries.filter(({ runs }) => runs.some(({ history }) => history.length > 0));
  const highest = Math.max(
    ...trained.flatMap(({ runs }) => runs.flatMap((run) => run.history.map(({ loss }) => loss))),
  );
  return trained.map((summary) => {
    const histories = summary.runs.map(({ history }) => history);
    const epochs = Math.max(...histories.map(({ length }) => length));
    const last = histories.map((history) => history[history.length - 1].loss.toFixed(2)).join(', ');
    const title = METHOD_TITLES[summary.method];
    const chart = svgChart(
      `loss-${summary.method}`,
      `Training loss of ${title} over ${epochs} epochs; at the end ${last}`,
      LOSS_HEIGHT,
      {
        grid: { left: 40, right: 44, top: 10, bottom: 42, outerBoundsMode: 'none' },
        xAxis: {
          type: 'value',
          min: 0,
          max: epochs,
          minInterval: 1,
          name: 'epoch',
          nameLocation: 'middle',
          nameGap: 24,
          nameTextStyle: FAINT,
          axisLabel: FAINT,
          axisLine: LINE,
          splitLine: { show: false },
        },
        yAxis: {
          type: 'value',
          min: 0,
          max: roundUp(highest),
          splitNumber: 4,
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: FAINT,
          splitLine: LINE,
        },
        series: histories.map((history) => lossSeries(history, methodColour(summary.method))),
      },
    );
    return { title, chart };
  });
}

/** The loss of an epoch is the mean over it, so its point stands at the epoch's end. */
function lossSeries(history: readonly EpochRecord[], colour: string): object {
  return {
    type: 'line',
    data: history.map(({ loss }, epoch) => [epoch + 1, loss]),
    symbol: 'circle',
    symbolSize: 5,
    showAllSymbol: true,
    lineStyle: { color: colour, width: 2 },
    itemStyle: { color: colour },
    endLabel: {
      ...TEXT,
      show: true,
      fontWeight: 600,
      formatter: ({ value }: { value: number[] }) => value[1].toFixed(2),
    },
  };
}

/** The next of 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return power * ([1, 2, 3, 4, 5, 6, 8].find((step) => step * power >= value) ?? 10);
}

/** An SVG that takes the page's colours and width. `id` keeps its element names apart from other charts'. */
function svgChart(id: string, description: string, height: number, option: object): Html {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, silent: true, textStyle: TEXT, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const opening = `<svg role="img" aria-label="${escapeHtml(description)}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}">`;
  return rawHtml(
    svg
      .replace(/^<svg[^>]*>/, opening)
      // What only ECharts' own script in a browser would use.
      .replace(/<style\b[\s\S]*?<\/style>/g, '')
      .replace(/ (ecmeta_\w+|class)="[^"]*"/g, '')
      // Numbered by how many charts the process has drawn.
      .replace(/\bzr\d+-/g, `${id}-`),
  );
}
