import { describe, expect, test } from '@jest/globals';
import { studyTable } from '../../../src/report/study_table.js';
import { inventedRecord } from '../../helpers/records.js';

describe('studyTable', () => {
  const records = [
    inventedRecord({ method: 'zeroShot', base: 0.5, new: 0.5, seed: 1, dataset: 'noto food' }),
    inventedRecord({ method: 'zeroShot', base: 0.5, new: 0.5, seed: 2, dataset: 'noto food' }),
    inventedRecord({ method: 'zeroShot', base: 0.3, new: 0.6, seed: 1, dataset: 'noto animals' }),
    inventedRecord({ method: 'zeroShot', base: 0.3, new: 0.6, seed: 2, dataset: 'noto animals' }),
    inventedRecord({ method: 'maple', base: 0.6, new: 0.6, seed: 1, dataset: 'noto food' }),
    inventedRecord({ method: 'maple', base: 0.8, new: 0.8, seed: 2, dataset: 'noto food' }),
    inventedRecord({ method: 'maple', base: 0.5, new: 0.5, seed: 1, dataset: 'noto animals' }),
    inventedRecord({ method: 'maple', base: 0.5, new: 0.5, seed: 2, dataset: 'noto animals' }),
  ];

  test('has means and deviations over seeds, and the harmonic mean of the averages', () => {
    expect(studyTable(records).split('\n')).toEqual([
      '|  | Zero-shot | MaPLe |',
      '| --- | ---: | ---: |',
      '| noto food | 50.0 / 50.0 / 50.0 ± 0.0 | 70.0 / 70.0 / 70.0 ± 10.0 |',
      '| noto animals | 30.0 / 60.0 / 40.0 ± 0.0 | 50.0 / 50.0 / 50.0 ± 0.0 |',
      // 2 * 40 * 55 / 95, not the mean of 50 and 40.
      '| **average** | **40.0 / 55.0 / 46.3** | **60.0 / 60.0 / 60.0** |',
    ]);
  });

  test('refuses methods that were not run on the same cells', () => {
    expect(() => studyTable(records.slice(0, -1))).toThrow(/same data sets and seeds/);
  });
});
