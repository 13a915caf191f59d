import { describe, expect, test } from '@jest/globals';
import type { FewShotRecord } from '../../../src/evaluation/record.js';
import { comparedRuns } from '../../../src/report/compared_runs.js';
import { comparedRunsTables } from '../../../src/report/compared_runs_table.js';
import { renderReport } from '../../../src/report/report.js';
import { studyRecords } from '../../../src/report/study_records.js';
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
const FINISHED = zeroShot.finished;
const labels = (records: FewShotRecord[]): string[] =>
  comparedRuns(studyRecords(records).trainings).flatMap(({ runs }) => runs.map(({ label }) => label));

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
    ['another method', { method: 'coop' as const }, ['CoOp', 'MaPLe']],
    [
      'another optimiser, and a default that is spelt out',
      { recipe: { ...recipes.mapleBaseToNew, optimizer: 'adamw' as const, schedule: 'cosine' as const } },
      ['MaPLe (optimizer sgd)', 'MaPLe (optimizer adamw)'],
    ],
    [
      'other crops',
      {
        recipe: {
          ...recipes.mapleBaseToNew,
          augmentation: { ...recipes.mapleBaseToNew.augmentation, scale: [0.5, 1] as const },
        },
      },
      ['MaPLe (crops 0.08 to 1)', 'MaPLe (crops 0.5 to 1)'],
    ],
    ['nothing but the figures', { finished: FINISHED }, ['MaPLe (run 1)', 'MaPLe (run 2)']],
    [
      'the time alone',
      { finished: '2027-01-01T00:00:00.000Z' },
      [`MaPLe (finished ${FINISHED})`, 'MaPLe (finished 2027-01-01T00:00:00.000Z)'],
    ],
  ])('%s', (_, changes, expected) => expect(labels([run(0.7), run(0.8, changes)])).toEqual(expected));

  test('heads of other settings are told apart', () => {
    const head = (steps: number, accuracy: number): FewShotRecord =>
      run(accuracy, { method: 'lpPlusPlus', recipe: undefined, head: { ...HEAD, steps } });
    expect(labels([head(300, 0.7), head(30, 0.6)])).toEqual(['LP++ (head steps 300)', 'LP++ (head steps 30)']);
  });

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

  test('a study’s records are curves, trainings are not, and both stand on one page', async () => {
    const study = [1, 2].flatMap((seed) =>
      [4, 16].map((shots) => run(0.5 + shots / 100, { seed, shots, testPictures: undefined })),
    );
    const kinds = (records: FewShotRecord[]): number[] => {
      const { fewShot, trainings } = studyRecords(records);
      return [fewShot.length, trainings.length];
    };
    expect(kinds(study)).toEqual([4, 0]);
    expect(kinds([...study, study[0]])).toEqual([4, 0]);
    expect(kinds([zeroShot, run(0.7)])).toEqual([0, 2]);
    expect(kinds([...study, run(0.7, { chosen: true })])).toEqual([4, 1]);
    expect(await renderReport([...study, zeroShot, run(0.7, { chosen: true })], { title: 'Both' })).toMatch(
      /Runs on the same test pictures[^]*Few-shot classification/,
    );
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

  test('a training that guesses comes first, but does not hide a sound one that predict uses', () => {
    const guessing = run(0.5, { guesses: 'a loss of 2.29, where guessing among 10 classes has 2.30' });
    const sound = run(0.8, { method: 'lpPlusPlus', recipe: undefined, head: HEAD, chosen: true, validation });
    const { headline, details } = trainFinding([zeroShot, sound, guessing]);
    expect(headline).toMatch(
      /^MaPLe guesses: .* 2\.30\. LP\+\+ has 80\.0% of 100 test pictures right, 30\.0 points above/,
    );
    expect(details[details.length - 1]).toMatch(/^Try --shots all/);
  });

  test('a tie is one', () => {
    const { headline } = trainFinding([run(0.7), run(0.7, { method: 'coop' })]);
    expect(headline).toBe('MaPLe has 70.0% of 100 test pictures right, as many as CoOp.');
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
