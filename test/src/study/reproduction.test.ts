import { describe, expect, test } from '@jest/globals';
import { paperStudyData } from '../../../src/datasets/paper_study_data.js';
import { paperRecipeOf } from '../../../src/study/paper_recipes.js';
import { REPRODUCTIONS, reproductionCells, type ReproductionChoice } from '../../../src/study/reproduction.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const data = paperStudyData({ root: 'nowhere' });
const choice: ReproductionChoice = { data, recipeOf: paperRecipeOf, config: tinyConfig() };

describe('reproductionCells', () => {
  test.each([
    ['zero-shot', 11],
    // Zero-shot once, three methods with three seeds.
    ['base-to-new', 11 * (1 + 3 * 3)],
    ['variants', 11 * 4 * 3],
    ['cross-dataset', 3 * 3],
    ['domain-generalisation', 1 + 3 * 3],
    ['transfer', 1 + 3 * 3],
    ['few-shot', 11 * (1 + 2 * 5 * 3)],
    // Depths and lengths of a backbone of two layers, four couplings, two initialisations.
    ['ablations', 11 * 3 * (2 + 4 + 4 + 2)],
  ])('%s has %d runs', (name, count) => {
    expect(reproductionCells(name, choice)).toHaveLength(count);
  });

  test('are of every name that is listed', () => {
    for (const { name } of REPRODUCTIONS) {
      expect(reproductionCells(name, choice).length).toBeGreaterThan(0);
    }
  });

  test('take the paper’s recipes, on ImageNet another depth', () => {
    const [run] = reproductionCells('base-to-new', {
      ...choice,
      methods: ['maple'],
      datasets: ['DescribableTextures'],
    });
    expect(run).toMatchObject({ id: 'base-to-new-DescribableTextures-maple-seed1', recipe: { depth: 9, epochs: 5 } });
    const [transfer] = reproductionCells('cross-dataset', { ...choice, methods: ['maple'], datasets: ['EuroSAT'] });
    expect(transfer).toMatchObject({ dataset: 'ImageNet', targets: ['EuroSAT'], domains: [], recipe: { depth: 3 } });
    const [domains] = reproductionCells('domain-generalisation', { ...choice, datasets: ['ImageNetR', 'ImageNetA'] });
    expect(domains).toMatchObject({ dataset: 'ImageNet', targets: [], domains: ['ImageNetA', 'ImageNetR'] });
  });

  test('refuses training on what is for testing only, and names that there are not', () => {
    expect(() => reproductionCells('few-shot', { ...choice, datasets: ['ImageNetV2'] })).toThrow(
      /^ImageNetV2 is for testing only\. `few-shot` is of ImageNet, Caltech101/,
    );
    expect(() => reproductionCells('domain-generalisation', { ...choice, datasets: ['EuroSAT'] })).toThrow(
      '`domain-generalisation` is of ImageNetV2, ImageNetSketch, ImageNetA, ImageNetR. Received: "EuroSAT".',
    );
    expect(() => reproductionCells('table-9', choice)).toThrow('Received: "table-9".');
    expect(() => reproductionCells('ablations', { ...choice, methods: ['coop'] })).toThrow('are of maple');
  });
});
