import type { FewShotRecord } from '../../evaluation/record.js';
import { heatMap } from '../charts/heat_map.js';
import { lossCharts } from '../charts/loss_charts.js';
import type { Figure } from '../charts/svg_chart.js';
import { comparedRuns, type LabelledRun, type RunGroup } from '../compared_runs.js';
import { comparedRunsTables } from '../compared_runs_table.js';
import { confusionShares, MOST_CLASSES } from '../confusion.js';
import type { Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { percent } from '../numbers.js';
import { figures, note, section } from './section.js';

/** Trainings side by side, how their losses fell, and what was taken for what. */
export function trainingsSection(records: readonly FewShotRecord[]): Html[] {
  if (records.length === 0) {
    return [];
  }
  const groups = comparedRuns(records);
  const losses = lossCharts(groups.flatMap(({ runs }) => runs.filter(isPlain).map(lossesOf)));
  const confusions = groups.flatMap(confusionsOf);
  return [
    section('Runs on the same test pictures', ...comparedRunsTables(records).map(titledTable)),
    ...(losses.length === 0
      ? []
      : [
          section(
            'Training loss',
            note('Mean cross-entropy of each epoch, on randomly cropped and flipped pictures. One scale for all runs.'),
            figures(losses),
          ),
        ]),
    ...(confusions.length === 0
      ? []
      : [
          section(
            'Confusions',
            note(
              'Rows are classes, columns what they were taken for, both in the same order: the diagonal holds the right ' +
                'answers; the stronger the colour, the larger the share of the class’s pictures.',
            ),
            figures(confusions, 2),
          ),
        ]),
  ];
}

/** A head on tuned features has the training of what it stands on. */
function isPlain({ record: { method, head } }: LabelledRun): boolean {
  return head === undefined || head.kind === method;
}

function lossesOf({ label, record }: LabelledRun) {
  return { method: record.method, title: label, runs: [record] };
}

/** Of zero-shot, and of the runs that predict uses or, without any, the last. */
function confusionsOf({ dataset, runs }: RunGroup, group: number): Figure[] {
  if (runs[0].record.test.classNames.length > MOST_CLASSES) {
    return [];
  }
  const chosen = runs.filter(({ record }) => record.chosen === true);
  const before = runs.filter(({ record }) => record.method === 'zeroShot');
  const after = chosen.length > 0 ? chosen : [runs[runs.length - 1]];
  return [...new Set([...before, ...after])].map(({ label, record: { test } }, index) =>
    heatMap({
      id: `confusion-run-${group}-${index}`,
      title: group === 0 ? label : `${label}, ${dataset}`,
      description: `Confusion matrix of ${label} on ${dataset}: ${percent(test.accuracy)}% right`,
      names: test.classNames,
      shares: confusionShares(test),
    }),
  );
}
