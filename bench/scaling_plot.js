import { readFileSync, writeFileSync } from 'node:fs';
import * as echarts from 'echarts';

const TITLES = { classes: 'classes', batch: 'pictures a step', depth: 'prompt depth', shape: 'backbone' };
const [WIDTH, HEIGHT, LEFT, GAP] = [960, 300, 48, 60];

/** Draws the figures of bench/scaling.js: seconds a step and peak memory, a panel an axis. */
export function plotScaling({ from, to }) {
  const { rows } = JSON.parse(readFileSync(from, 'utf8'));
  const axes = [...new Set(rows.map(({ axis }) => axis))];
  const width = (WIDTH - LEFT - GAP * axes.length) / axes.length;
  const option = { animation: false, backgroundColor: '#fff', grid: [], xAxis: [], yAxis: [], series: [] };
  axes.forEach((axis, panel) => {
    const own = rows.filter((row) => row.axis === axis);
    option.grid.push({ left: LEFT + panel * (width + GAP), width, top: 50, bottom: 50 });
    option.xAxis.push({
      gridIndex: panel,
      name: TITLES[axis],
      nameLocation: 'middle',
      nameGap: 28,
      data: own.map(({ value }) => String(value)),
    });
    const yAxis = (name, position) => ({ gridIndex: panel, name, position, min: 0, splitLine: { show: false } });
    option.yAxis.push(yAxis('s', 'left'), yAxis('GB', 'right'));
    const line = (name, index, color, values) => ({
      name,
      type: 'line',
      xAxisIndex: panel,
      yAxisIndex: 2 * panel + index,
      data: values,
      color,
      symbolSize: 7,
    });
    option.series.push(
      line(
        'seconds a step',
        0,
        '#1b66c9',
        own.map(({ seconds }) => Number(seconds.toFixed(2))),
      ),
      line(
        'peak memory',
        1,
        '#f25c05',
        own.map(({ peak }) => Number((peak / 1e9).toFixed(2))),
      ),
    );
  });
  option.legend = { top: 4, data: ['seconds a step', 'peak memory'] };
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption(option);
  writeFileSync(to, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
