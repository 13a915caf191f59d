import { describe, expect, test } from '@jest/globals';
import { PAPER_DATASETS } from '../../../src/datasets/catalogue.js';
import { PUBLISHED } from '../../../src/report/published.js';
import { publishedDomain, publishedName } from '../../../src/report/published_tables.js';
import { reproducedFigures } from '../../../src/report/reproduced_figures.js';
import { reproductionFinding, reproductionTables } from '../../../src/report/reproduction_tables.js';
import { inventedFewShot, inventedRecord, inventedTransfer } from '../../helpers/records.js';

const TRAINED = PAPER_DATASETS.filter(({ testOnly }) => !testOnly).map(({ name }) => name);

describe('reproducedFigures', () => {
  test('the published figures themselves are within their bands, with the published average', () => {
    const records = TRAINED.map((dataset) => {
      const { base, new: novel } = PUBLISHED.baseToNew[publishedName(dataset) as 'EuroSAT'].maple as {
        base: number;
        new: number;
      };
      return inventedRecord({ method: 'maple', losses: [1], dataset, base: base / 100, new: novel / 100 });
    });
    const figures = reproducedFigures(records);
    expect(figures).toHaveLength(3 * 12);
    expect(figures.filter(({ withinBand }) => withinBand !== true)).toEqual([]);
    const average = figures.filter(({ dataset }) => dataset === 'Average');
    expect(average.map(({ published }) => published)).toEqual([82.28, 75.14, 78.55]);
    average.forEach(({ difference }) => expect(Math.abs(difference as number)).toBeLessThan(0.02));
    expect(reproductionFinding(figures)).toEqual([
      '36 of 36 figures are within the expected band around the published one.',
    ]);
  });

  test('means over seeds, HM of the means; what is outside its band is marked', () => {
    const runs = [0.9, 0.8].map((base, index) =>
      inventedRecord({ method: 'maple', losses: [1], seed: index + 1, dataset: 'OxfordFlowers', base, new: 0.73 }),
    );
    const figures = reproducedFigures(runs);
    expect(figures.map(({ ours }) => Number(ours.toFixed(2)))).toEqual([85, 73, 78.54]);
    expect(figures.map(({ withinBand }) => withinBand)).toEqual([false, true, false]);
    const [table] = reproductionTables(figures);
    expect(table.rows.map(({ cells }) => cells)).toEqual([
      ['OxfordFlowers', '85.00', '95.92', '−10.92 !', '73.00', '72.46', '+0.54', '78.54', '82.56', '−4.02 !', '±2'],
    ]);
    expect(table.caption).toContain('ours of 2 seeds, the paper’s of three');
    const [count, ...outside] = reproductionFinding(figures);
    expect(count).toBe('1 of 3 figures are within the expected band around the published one.');
    expect(outside[0]).toMatch(/^Outside: MaPLe, OxfordFlowers, Base: 85\.00, published 95\.92 \(−10\.92, band ±2: /);
  });

  test('EuroSAT’s band is wider, zero-shot’s narrower', () => {
    const run = { dataset: 'EuroSAT', base: 0.9, new: 0.7 };
    const [maple] = reproducedFigures([inventedRecord({ ...run, method: 'maple', losses: [1] })]);
    const [zeroShot] = reproducedFigures([inventedRecord({ ...run, method: 'zeroShot' })]);
    expect([maple.band?.points, maple.withinBand, zeroShot.band?.points]).toEqual([5, true, 0.5]);
  });

  test('an average of some data sets is set against the published average of the same', () => {
    const records = ['DescribableTextures', 'UCF101'].map((dataset) =>
      inventedRecord({ method: 'zeroShot', dataset, base: 0.6, new: 0.7 }),
    );
    const [base] = reproducedFigures(records).filter(({ dataset }) => dataset === 'Average');
    expect(base.published).toBeCloseTo((53.24 + 70.53) / 2, 10);
  });

  test('transfer: the source, its targets, the domains, each kind with its average', () => {
    const record = inventedTransfer({
      method: 'maple',
      losses: [1],
      dataset: 'ImageNet',
      source: 0.7,
      datasets: { OxfordFlowers: 0.72, DescribableTextures: 0.46 },
      domains: { ImageNetSketch: 0.49, ImageNetA: 0.51 },
    });
    const told = reproducedFigures([record]).map(({ table, dataset, published }) => [table, dataset, published]);
    expect(told).toEqual([
      ['cross-dataset', 'ImageNet (source)', 70.72],
      ['cross-dataset', 'OxfordFlowers', 72.23],
      ['cross-dataset', 'DescribableTextures', 46.49],
      ['cross-dataset', 'Average', (72.23 + 46.49) / 2],
      ['domain-generalisation', 'ImageNet (source)', 70.72],
      ['domain-generalisation', 'ImageNetSketch', 49.15],
      ['domain-generalisation', 'ImageNetA', 50.9],
      ['domain-generalisation', 'Average', (49.15 + 50.9) / 2],
    ]);
  });

  test('without a published counterpart there is nothing to compare', () => {
    expect(reproducedFigures([inventedFewShot({ method: 'maple', shots: 1, accuracy: 0.5 })])).toEqual([]);
    const figures = reproducedFigures([inventedRecord({ method: 'vpt', dataset: 'EuroSAT', base: 0.8, new: 0.7 })]);
    expect(figures.map(({ published, band }) => [published, band])).toEqual(Array(3).fill([undefined, undefined]));
    expect(reproductionFinding(figures)).toEqual(['There are no published figures to compare these with.']);
    expect(reproductionTables(figures)[0].rows[0].cells.slice(0, 4)).toEqual(['EuroSAT', '80.00', '', '']);
  });
});

test('every data set and domain of the catalogue has its name in the published tables', () => {
  for (const { name, testOnly } of PAPER_DATASETS) {
    expect(testOnly ? publishedDomain(name) : publishedName(name)).toBeDefined();
  }
});
