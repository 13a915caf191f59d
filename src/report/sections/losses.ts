import { lossCharts } from '../charts/loss_charts.js';
import type { Html } from '../html.js';
import type { MethodSummary } from '../summary.js';
import { figures, note, section } from './section.js';

/** The training loss of base-to-new runs. */
export function lossSection(summaries: readonly MethodSummary[]): Html[] {
  const charts = lossCharts(summaries);
  const seeds = new Set(summaries.flatMap(({ runs }) => runs.map(({ seed }) => seed))).size;
  return charts.length === 0
    ? []
    : [
        section(
          'Training loss',
          note(
            'Mean cross-entropy of each epoch, on randomly cropped and flipped pictures. One scale for all methods; each ' +
              `with its own number of epochs.${seeds > 1 ? ' Bold: the mean over data sets and seeds; thin: each seed.' : ''}`,
          ),
          figures(charts),
        ),
      ];
}
