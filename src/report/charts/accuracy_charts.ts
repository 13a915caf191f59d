import { METHOD_TITLES, methodColour } from '../methods.js';
import { percent } from '../numbers.js';
import type { MethodSummary } from '../summary.js';
import { FAINT, LINE, svgChart, TEXT, valueAxis, type Figure } from './svg_chart.js';

const BAR_ROW = 30;

/** Accuracies as bars, one chart for base, new and their harmonic mean, on one scale from 0 to 100%. */
export function accuracyCharts(summaries: readonly MethodSummary[]): Figure[] {
  const measures = [
    ['Base classes', 'base'],
    ['New classes', 'new'],
    ['Harmonic mean', 'harmonicMean'],
  ] as const;
  return measures.map(([title, measure]) => {
    const described = summaries.map((summary) => `${METHOD_TITLES[summary.method]} ${percent(summary[measure])}%`);
    return {
      title,
      chart: svgChart({
        id: `accuracy-${measure}`,
        description: `${title}: ${described.join(', ')}`,
        height: BAR_ROW * summaries.length + 30,
        option: {
          grid: { left: 108, right: 48, top: 4, bottom: 26, outerBoundsMode: 'none' },
          xAxis: valueAxis({ min: 0, max: 100, interval: 25, axisLabel: { ...FAINT, formatter: '{value}%' } }),
          yAxis: {
            type: 'category',
            inverse: true,
            data: summaries.map(({ method }) => METHOD_TITLES[method]),
            axisLabel: { ...TEXT, interval: 0, align: 'left', margin: 106 },
            axisTick: { show: false },
            axisLine: LINE,
          },
          series: [
            {
              type: 'bar',
              barWidth: 16,
              data: summaries.map((summary) => ({
                value: 100 * summary[measure],
                itemStyle: { color: methodColour(summary.method), borderRadius: [0, 3, 3, 0] },
                label: { formatter: `${percent(summary[measure])}%` },
              })),
              label: { ...TEXT, show: true, fontWeight: 600, position: 'right' },
            },
          ],
        },
      }),
    };
  });
}
