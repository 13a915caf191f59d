import { describe, expect, test } from '@jest/globals';
import type { FewShotRecord } from '../../../src/evaluation/record.js';
import { pairedFinding } from '../../../src/report/paired_finding.js';
import { studyFinding } from '../../../src/report/study_finding.js';
import { studyRecords } from '../../../src/report/study_records.js';
import { trainTables } from '../../../src/report/train_tables.js';
import { inventedFewShot } from '../../helpers/records.js';

/** 100 test pictures; of what one has right, a better one has all right. */
const zeroShot = (accuracy: number) => inventedFewShot({ method: 'zeroShot', shots: 0, accuracy });
const maple = (accuracy: number) => inventedFewShot({ method: 'maple', shots: 16, accuracy, losses: [1] });

function headlineOf(...records: FewShotRecord[]): string | undefined {
  return pairedFinding(records)?.headline;
}

describe('pairedFinding', () => {
  test('a gain that chance would hardly make', () => {
    expect(pairedFinding([zeroShot(0.7), maple(0.8)])).toEqual({
      headline: 'MaPLe has 80.0% of 100 test pictures right, 10.0 points above zero-shot: more than chance would make.',
      lead: 'Tuned on up to 16 pictures of each class, tested on 100 others of 4 classes.',
      details: [
        'MaPLe has 10 pictures right that zero-shot has wrong, and 0 pictures wrong that zero-shot has right ' +
          '(McNemar’s exact test: p = 0.002).',
      ],
    });
  });

  test('a gain within chance is said to be one, with what would help', () => {
    // 5 to 0: p = 2 / 2^5.
    const finding = pairedFinding([zeroShot(0.7), maple(0.75)]);
    expect(finding?.headline).toBe(
      'MaPLe has 75.0% of 100 test pictures right, 5.0 points above zero-shot: within what chance can make.',
    );
    expect(finding?.details[0]).toMatch(/p = 0\.063\)\. More test pictures would tell\.$/);
  });

  test('a loss, and neither', () => {
    expect(headlineOf(zeroShot(0.8), maple(0.7))).toBe(
      'Tuning does not pay here: MaPLe has 70.0% of 100 test pictures right, 10.0 points below zero-shot: more than ' +
        'chance would make.',
    );
    expect(headlineOf(zeroShot(0.72), maple(0.7))).toBe(
      'MaPLe has 70.0% of 100 test pictures right, 2.0 points below zero-shot: within what chance can make.',
    );
    expect(headlineOf(zeroShot(0.7), maple(0.7))).toBe(
      'MaPLe has 70.0% of 100 test pictures right, as many as zero-shot.',
    );
    expect(pairedFinding([zeroShot(0.2), maple(0.9)])?.details[0]).toContain('p < 0.001');
  });

  test('nothing is compared but zero-shot and one method on the same pictures', () => {
    const coop = inventedFewShot({ method: 'coop', shots: 16, accuracy: 0.7 });
    const elsewhere = inventedFewShot({ method: 'maple', shots: 16, accuracy: 0.7, dataset: 'other' });
    const fewer = maple(0.7);
    fewer.test.labels.pop();
    const pairs = [[zeroShot(0.7)], [coop, maple(0.7)], [zeroShot(0.7), coop, maple(0.7)], [zeroShot(0.7), elsewhere]];
    expect([...pairs, [zeroShot(0.7), fewer]].map(pairedFinding)).toEqual(Array(5).fill(undefined));
  });
});

test('a training’s report begins with it, whoever makes the report of its records, and its table has the test', () => {
  const records = [zeroShot(0.7), maple(0.75)];
  const { headline, details } = studyFinding(studyRecords(records), [], undefined);
  expect(headline).toContain('within what chance can make');
  const [{ caption }] = trainTables(records);
  expect(details[0]).toContain('(McNemar’s exact test: p = 0.063)');
  expect(caption).toBe(
    'In percent, on 100 test pictures of 4 classes. Last column: how often chance alone parts a run as far from the best ' +
      '(MaPLe), McNemar’s exact test; below 0.05 it is more than chance.',
  );
  expect(trainTables(records)[0].rows.map(({ cells }) => [cells[0], cells[cells.length - 1]])).toEqual([
    ['Zero-shot', '0.063'],
    ['MaPLe', 'best'],
  ]);
  const [alone] = trainTables([zeroShot(0.7)]);
  expect(alone.caption).toBe('In percent, on 100 test pictures of 4 classes.');
});
