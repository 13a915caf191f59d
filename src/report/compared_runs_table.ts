import { mcnemar } from '../evaluation/mcnemar.js';
import { shareInterval } from '../evaluation/metrics.js';
import { LEVEL, shortP } from './chance.js';
import { comparedRuns, type RunGroup } from './compared_runs.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { counted, percent } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';

/** Trainings side by side, a table for each set of test pictures. */
export function comparedRunsTables(records: readonly FewShotRecord[]): ResultTable[] {
  const groups = comparedRuns(records);
  return groups.map((group, index) => tableOf(group, index, groups));
}

function tableOf({ dataset, runs }: RunGroup, index: number, groups: readonly RunGroup[]): ResultTable {
  const { pictures, labels } = runs[0].record.test;
  const best = runs.reduce((one, other) => (other.record.test.accuracy > one.record.test.accuracy ? other : one));
  const validated = runs.some(({ record }) => record.validation !== undefined);
  const chosen = runs.filter(({ record }) => record.chosen === true);
  const sets = groups.filter((group) => group.dataset === dataset);
  const others = sets.length > 1 ? `, test pictures ${sets.indexOf(groups[index]) + 1} of ${sets.length}` : '';
  const caption = [
    `In percent, on ${counted(pictures, 'test picture')} of ${new Set(labels).size} classes.`,
    runs.length > 1
      ? `Last column: how often chance alone parts a run as far from the best (${best.label}), McNemar’s exact test; ` +
        `below ${LEVEL} it is more than chance.`
      : '',
    validated ? 'Validation pictures are not the test’s: by them settings, and what predict uses, are chosen.' : '',
    chosen.length > 0 ? `predict uses: ${[...new Set(chosen.map(({ label }) => label))].join('; ')}.` : '',
    sets.length > 1 ? 'Runs on other test pictures stand in a table of their own, and are not to be compared.' : '',
  ];
  return resultTable(
    {
      id: `runs-${dataset}-${index}`,
      title: `${dataset}${others}`,
      caption: caption.filter((sentence) => sentence !== '').join(' '),
      columns: [
        { title: 'Method', text: true },
        { title: 'Shots' },
        ...(validated ? [{ title: 'Validation' }] : []),
        { title: 'Test' },
        { title: '95% interval' },
        { title: 'Macro-F1' },
        ...(runs.length > 1 ? [{ title: 'Chance' }] : []),
      ],
    },
    runs.map(({ label, record }) => {
      const { test, validation, shots, method } = record;
      const { low, high } = shareInterval(Math.round(test.accuracy * test.pictures), test.pictures);
      return {
        name: label,
        method,
        values: [
          shots === 0 ? '' : String(shots),
          ...(validated ? [validation === undefined ? '' : percent(validation.accuracy)] : []),
          percent(test.accuracy),
          `${percent(low)} to ${percent(high)}`,
          percent(test.macroF1),
          ...(runs.length > 1
            ? [record === best.record ? 'best' : shortP(mcnemar(best.record.test, record.test).p)]
            : []),
        ],
      };
    }),
  );
}
