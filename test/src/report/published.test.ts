import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { harmonicMean, meanAndDeviation } from '../../../src/evaluation/metrics.js';
import type { Method } from '../../../src/prompting/presets.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { trainedParameters } from '../../../src/prompting/trained_parameters.js';
import { PUBLISHED, PUBLISHED_DOMAINS } from '../../../src/report/published.js';
import { PUBLISHED_DATASETS, type PublishedAccuracies } from '../../../src/report/published_base_to_new.js';

/** What rounding each of the published figures to two decimals can do to a mean. */
const ROUNDING = 0.0101;

const methodsOf = (table: object) => Object.keys(table) as Method[];
const mean = (values: readonly number[]) => meanAndDeviation(values).mean;

function expectHarmonic({ base, new: novel, harmonicMean: published }: PublishedAccuracies): void {
  expect(Math.abs(harmonicMean(base, novel) - published)).toBeLessThan(ROUNDING);
}

describe('base-to-new', () => {
  test('averages have the published harmonic mean', () => {
    expect(methodsOf(PUBLISHED.averages)).toEqual([
      'zeroShot',
      'coop',
      'cocoop',
      'vpt',
      'deepLanguage',
      'ivlp',
      'maple',
    ]);
    Object.values(PUBLISHED.averages).forEach(expectHarmonic);
  });

  test.each(PUBLISHED_DATASETS)('%s: harmonic means follow from base and new', (dataset) => {
    const rows = PUBLISHED.baseToNew[dataset];
    expect(methodsOf(rows)).toEqual(['zeroShot', 'coop', 'cocoop', 'maple']);
    Object.values(rows).forEach(expectHarmonic);
  });

  test.each(['zeroShot', 'coop', 'cocoop', 'maple'] as const)('%s: eleven data sets give the averages', (method) => {
    const rows = PUBLISHED_DATASETS.map((dataset) => PUBLISHED.baseToNew[dataset][method] as PublishedAccuracies);
    const average = PUBLISHED.averages[method] as PublishedAccuracies;
    expect(Math.abs(mean(rows.map(({ base }) => base)) - average.base)).toBeLessThan(ROUNDING);
    expect(Math.abs(mean(rows.map((row) => row.new)) - average.new)).toBeLessThan(ROUNDING);
  });
});

describe('transfer', () => {
  test.each(methodsOf(PUBLISHED.crossDataset))('%s: ten data sets give the average', (method) => {
    const { targets, average } = PUBLISHED.crossDataset[method] as { targets: Record<string, number>; average: number };
    expect(Object.keys(targets)).toEqual(PUBLISHED_DATASETS.filter((name) => name !== 'ImageNet'));
    expect(Math.abs(mean(Object.values(targets)) - average)).toBeLessThan(ROUNDING);
  });

  test.each(methodsOf(PUBLISHED.domains))('%s: four domains give the average', (method) => {
    const { targets, average } = PUBLISHED.domains[method] as { targets: Record<string, number>; average: number };
    expect(Object.keys(targets)).toEqual([...PUBLISHED_DOMAINS]);
    expect(Math.abs(mean(Object.values(targets)) - average)).toBeLessThan(ROUNDING);
  });

  test('both tables are of the same tuned models: the same accuracy on ImageNet', () => {
    for (const method of ['coop', 'cocoop', 'maple'] as const) {
      expect(PUBLISHED.crossDataset[method]?.source).toBe(PUBLISHED.domains[method]?.source);
    }
  });
});

describe('complexity', () => {
  test('published parameter counts are those of the presets, as far as they are rounded', () => {
    for (const [method, tolerance] of [
      ['unifiedMaple', 10_000],
      ['maple', 10_000],
    ] as const) {
      const config = clipConfigs.vitB16;
      const ours = trainedParameters(promptDesign(method, config), config);
      const published = PUBLISHED.complexity[method]?.trainedParameters as number;
      expect(Math.abs(ours - published)).toBeLessThan(tolerance);
    }
  });

  test('harmonic means agree with the averages', () => {
    for (const method of ['cocoop', 'maple'] as const) {
      expect(PUBLISHED.complexity[method]?.harmonicMean).toBe(PUBLISHED.averages[method]?.harmonicMean);
    }
  });
});
