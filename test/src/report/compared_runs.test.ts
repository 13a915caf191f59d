import { describe, expect, test } from '@jest/globals';
import type { FewShotRecord } from '../../../src/evaluation/record.js';
import { areTrainings, comparedRuns } from '../../../src/report/compared_runs.js';
import { comparedRunsTables } from '../../../src/report/compared_runs_table.js';
import { renderReport } from '../../../src/report/report.js';
import { trainFinding } from '../../../src/report/train_finding.js';
import { recipes } from '../../../src/training/recipe.js';
import { inventedFewShot } from '../../helpers/records.js';

const HEAD = { kind: 'lpPlusPlus', shots: 16, trainedParameters: 10, steps: 300 } as const;
const zeroShot = { ...inventedFewShot({ method: 'zeroShot', shots: 0, accuracy: 0.5 }), testPictures: 1 };
const run = (accuracy: number, changes: Partial<FewShotRecord> = {}): FewShotRecord => ({
  ...inventedFewShot({ method: 'maple', shots: 16, accuracy, losses: [2, 1] }),
  testPictures: 1,
  recipe: { ...recipes.mapleBaseToNew },
  ...changes,
});
const labels = (records: FewShotRecord[]): string[] =>
  comparedRuns(records).flatMap(({ runs }) => runs.map(({ label }) => label));

describe('runs side by side', () => {
  test('what two trainings both measured is one run, and they are told apart by their settings', () => {
    const gentle = run(0.8, { recipe: { ...recipes.mapleBaseToNew, learningRate: 0.001, epochs: 30 } });
    const again = { ...zeroShot, finished: '2027-01-01T00:00:00.000Z', testSeconds: 9 };
    expect(labels([zeroShot, run(0.7), again, gentle])).toEqual([
      'Zero-shot',
      'MaPLe (rate 0.0035, epochs 5)',
      'MaPLe (rate 0.001, epochs 30)',
    ]);
  });

  test.each([
    ['two seeds', { seed: 2 }, ['MaPLe (seed 1)', 'MaPLe (seed 2)']],
    ['two numbers of shots', { shots: 4 }, ['MaPLe (shots 16)', 'MaPLe (shots 4)']],
    [
      'two backbones',
      { backbone: { name: 'other', identity: 'e'.repeat(64) } },
      [expect.stringMatching(/^MaPLe \(backbone .*, weights /), 'MaPLe (backbone other, weights eeeeeeee)'],
    ],
    ['a head on the features', { head: HEAD }, ['MaPLe', 'MaPLe + LP++']],
    ['another method', { method: 'coop' as const }, ['MaPLe', 'CoOp']],
  ])('%s', (_, changes, expected) => expect(labels([run(0.7), run(0.8, changes)])).toEqual(expected));

  test('runs on other test pictures stand apart, and are said not to be comparable', () => {
    const others = run(0.9);
    const shuffled = { ...others, test: { ...others.test, labels: [...others.test.labels].reverse() } };
    const tables = comparedRunsTables([run(0.7), shuffled]);
    expect(tables.map(({ title }) => title)).toEqual([
      `${others.dataset}, test pictures 1 of 2`,
      `${others.dataset}, test pictures 2 of 2`,
    ]);
    expect(tables[0].caption).toMatch(/not to be compared\.$/);
  });

  test.each([
    ['by their digest', { testPictures: 2 }],
    ['by the seed that drew them, in records without one', { testPictures: undefined, seed: 2 }],
  ])('other pictures of the same labels stand apart, told %s', (_, changes) => {
    expect(comparedRuns([run(0.7), run(0.8, changes)])).toHaveLength(2);
  });

  test('a study’s records are curves, not trainings', () => {
    const study = [1, 2].flatMap((seed) => [run(0.6, { seed, shots: 4 }), run(0.7, { seed })]);
    expect(areTrainings(study)).toBe(false);
    expect(areTrainings([zeroShot, run(0.7)])).toBe(true);
    expect(areTrainings([...study, run(0.7, { chosen: true })])).toBe(true);
  });
});

describe('what trainings say first', () => {
  const validation = { pictures: 40, accuracy: 0.75, loss: 1 };

  test('what predict uses, and what it gained over zero-shot', () => {
    const { headline, details } = trainFinding([
      zeroShot,
      run(0.6),
      run(0.8, { head: HEAD, chosen: true, validation }),
    ]);
    expect(headline).toBe(
      'MaPLe + LP++ has 80.0% of 100 test pictures right, 30.0 points above zero-shot: more than chance would make.',
    );
    expect(details[1]).toBe(
      'predict uses MaPLe + LP++: 75.0% of 40 validation pictures right, which were not tested on.',
    );
  });

  test('that a training guesses, why, and what to try', () => {
    const reason = 'a loss of 2.29, where guessing among 10 classes has 2.30';
    const { headline, lead } = trainFinding([zeroShot, run(0.5, { guesses: reason })]);
    expect(headline).toMatch(
      /^MaPLe guesses: it ended with a loss of 2\.29, where guessing among 10 classes has 2\.30\. Try --shots all/,
    );
    expect(lead).toBe('MaPLe has 50.0% of 100 test pictures right, as many as zero-shot.');
  });

  test('of several trainings the best, against the next', () => {
    const { headline } = trainFinding([
      zeroShot,
      run(0.7, { chosen: true }),
      run(0.9, { method: 'coop', chosen: true }),
    ]);
    expect(headline).toBe(
      'CoOp has 90.0% of 100 test pictures right, 20.0 points above MaPLe: more than chance would make.',
    );
  });
});

test('a training’s page has its loss, its confusions and no curve of one point', async () => {
  const page = await renderReport([zeroShot, run(0.8, { chosen: true })], { title: 'A training' });
  expect(page).toMatch(/<h2>Runs on the same test pictures<\/h2>[^]*<h2>Training loss<\/h2>[^]*<h2>Confusions<\/h2>/);
  expect(page).toContain('Confusion matrix of MaPLe');
  expect(page).not.toMatch(/over one data set|one seed|broken line/);
});
