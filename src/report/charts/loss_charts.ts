import type { RunRecord } from '../../evaluation/record.js';
import type { RunMethod } from '../../evaluation/run_methods.js';
import { METHOD_TITLES, methodColour } from '../methods.js';
import { FAINT, LINE, roundUp, svgChart, TEXT, valueAxis, type Figure } from './svg_chart.js';

const HEIGHT = 190;

/** Runs whose losses are drawn in one chart. */
export interface LossRuns {
  method: RunMethod;
  /** Default: the method's. */
  title?: string;
  runs: readonly Pick<RunRecord, 'history' | 'seed'>[];
}

/** The training loss over the epochs, one chart a trained method, on one scale from 0: mean bold, seeds thin. */
export function lossCharts(summaries: readonly LossRuns[]): Figure[] {
  const trained = summaries
    .map(({ runs, ...of }) => ({ ...of, runs: runs.filter(({ history }) => history.length > 0) }))
    .filter(({ runs }) => runs.length > 0)
    .map(({ runs, ...of }) => ({ ...of, mean: meanLosses(runs), seeds: lossesOfSeeds(runs) }));
  const highest = Math.max(...trained.flatMap(({ mean, seeds }) => [mean, ...seeds].flat()));
  return trained.map(({ method, title = METHOD_TITLES[method], mean, seeds }) => {
    const colour = methodColour(method);
    return {
      title,
      chart: svgChart({
        id: `loss-${title.replace(/\W+/g, '-')}`,
        description: `Training loss of ${title} over ${mean.length} epochs; at the end ${mean[mean.length - 1].toFixed(2)}`,
        height: HEIGHT,
        option: {
          grid: { left: 40, right: 44, top: 10, bottom: 42, outerBoundsMode: 'none' },
          xAxis: valueAxis({
            min: 0,
            max: mean.length,
            minInterval: 1,
            name: 'epoch',
            nameLocation: 'middle',
            nameGap: 24,
            axisLine: LINE,
            splitLine: { show: false },
          }),
          yAxis: valueAxis({ min: 0, max: roundUp(highest), splitNumber: 4, axisLabel: FAINT }),
          series: [...(seeds.length > 1 ? seeds.map((losses) => thin(losses, colour)) : []), bold(mean, colour)],
        },
      }),
    };
  });
}

/** The mean of each epoch over all runs that had it. */
function meanLosses(runs: LossRuns['runs']): number[] {
  const epochs = Math.max(...runs.map(({ history }) => history.length));
  return Array.from({ length: epochs }, (_, epoch) => {
    const losses = runs.filter(({ history }) => history.length > epoch).map(({ history }) => history[epoch].loss);
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  });
}

function lossesOfSeeds(runs: LossRuns['runs']): number[][] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return seeds.map((seed) => meanLosses(runs.filter((run) => run.seed === seed)));
}

/** The loss of an epoch is the mean over it, so its point stands at the epoch's end. */
function pointsOf(losses: readonly number[]): number[][] {
  return losses.map((loss, epoch) => [epoch + 1, loss]);
}

function thin(losses: readonly number[], colour: string): object {
  return { type: 'line', data: pointsOf(losses), symbol: 'none', lineStyle: { color: colour, width: 1, opacity: 0.5 } };
}

function bold(losses: readonly number[], colour: string): object {
  return {
    type: 'line',
    data: pointsOf(losses),
    symbol: losses.length > 12 ? 'none' : 'circle',
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
