import type { BaseToNewRecord } from '../../evaluation/record.js';
import { heatMap } from '../charts/heat_map.js';
import { confusedPairsTable, confusedRuns, confusionShares } from '../confusion.js';
import type { Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { METHOD_TITLES } from '../methods.js';
import { percent } from '../numbers.js';
import { figures, note, section } from './section.js';

/** What was taken for what, for one data set and seed. */
export function confusionSection(records: readonly BaseToNewRecord[]): Html[] {
  const confused = records.length === 0 ? undefined : confusedRuns(records);
  if (confused === undefined) {
    return [];
  }
  const { dataset, seed, runs } = confused;
  const charts = (['base', 'new'] as const).flatMap((split) =>
    runs.map((run) => {
      const title = `${METHOD_TITLES[run.method]}, ${split} classes`;
      return heatMap({
        id: `confusion-${run.method}-${split}`,
        title,
        description: `Confusion matrix of ${title}: ${percent(run[split].accuracy)}% on the diagonal`,
        names: run[split].classNames,
        shares: confusionShares(run[split]),
      });
    }),
  );
  return [
    section(
      'Confusions',
      note(
        `${dataset}, seed ${seed}. Rows are classes, columns what they were taken for, both in the same order: the ` +
          'diagonal holds the right answers; the stronger the colour, the larger the share of the class’s pictures.',
      ),
      figures(charts, 2),
      titledTable(confusedPairsTable(confused)),
    ),
  ];
}
