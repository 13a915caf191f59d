import { expect, test } from '@jest/globals';
import { studyTable } from '../../../src/report/study_table.js';
import { inventedRecord } from '../../helpers/records.js';

test('studyTable has averages with the paper’s beside them, and harmonic means by data set', () => {
  const records = [
    inventedRecord({ method: 'zeroShot', base: 0.5, new: 0.5, seed: 1, dataset: 'noto food' }),
    inventedRecord({ method: 'zeroShot', base: 0.3, new: 0.6, seed: 1, dataset: 'noto animals' }),
    inventedRecord({ method: 'maple', base: 0.6, new: 0.6, seed: 1, dataset: 'noto food' }),
    inventedRecord({ method: 'maple', base: 0.8, new: 0.8, seed: 2, dataset: 'noto food' }),
    inventedRecord({ method: 'maple', base: 0.5, new: 0.5, seed: 1, dataset: 'noto animals' }),
    inventedRecord({ method: 'maple', base: 0.5, new: 0.5, seed: 2, dataset: 'noto animals' }),
  ];
  expect(studyTable(records).split('\n')).toEqual([
    '| Method | Base | New | HM | Paper base (CLIP ViT-B/16) | Paper new (CLIP ViT-B/16) | Paper HM (CLIP ViT-B/16) |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    // 2 * 40 * 55 / 95, not the mean of 50 and 40.
    '| Zero-shot | 40.0 ± 0.0 | 55.0 ± 0.0 | 46.3 ± 0.0 | 69.34 | 74.22 | 71.70 |',
    '| MaPLe | **60.0 ± 5.0** | **60.0 ± 5.0** | **60.0 ± 5.0** | 82.28 | 75.14 | 78.55 |',
    '',
    '| Data set | Zero-shot | MaPLe |',
    '| --- | ---: | ---: |',
    '| noto food | 50.0 ± 0.0 | 70.0 ± 10.0 |',
    '| noto animals | 40.0 ± 0.0 | 50.0 ± 0.0 |',
    '| Average | 46.3 ± 0.0 | 60.0 ± 5.0 |',
  ]);
});
