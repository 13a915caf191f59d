import { describe, expect, test } from '@jest/globals';
import { studyCell } from '../../../src/study/cell.js';
import {
  ablationCells,
  baseToNewCells,
  fewShotCells,
  galleryCells,
  transferCells,
  type CellChoice,
} from '../../../src/study/cells.js';
import { paperRecipeOf } from '../../../src/study/paper_recipes.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const data = { datasets: ['all', 'mammals', 'sea life'], source: 'all', domains: ['old', 'grey'] };
const choice: CellChoice = { data, methods: ['zeroShot', 'maple'], seeds: [1, 2], recipeOf: paperRecipeOf };

describe('cells', () => {
  test('base-to-new finishes a seed on all data sets before the next', () => {
    expect(baseToNewCells(choice).map(({ id }) => id)).toEqual([
      'base-to-new-all-zeroShot-seed1',
      'base-to-new-all-maple-seed1',
      'base-to-new-mammals-zeroShot-seed1',
      'base-to-new-mammals-maple-seed1',
      'base-to-new-sea_life-zeroShot-seed1',
      'base-to-new-sea_life-maple-seed1',
      // Zero-shot draws nothing.
      'base-to-new-all-maple-seed2',
      'base-to-new-mammals-maple-seed2',
      'base-to-new-sea_life-maple-seed2',
    ]);
  });

  test('refuse a data set that there is not, and training on a domain', () => {
    expect(() => baseToNewCells({ ...choice, datasets: ['birds'] })).toThrow(
      /^The data sets are all, mammals, sea life\. Received: birds\.$/,
    );
    expect(() => fewShotCells({ ...choice, datasets: ['grey'] })).toThrow(
      'grey is for testing only. The data sets are',
    );
  });

  test('are plain data that another process reads as they were', () => {
    const cells = ablationCells({ ...choice, config: tinyConfig() });
    expect(JSON.parse(JSON.stringify(cells))).toEqual(cells);
  });

  test('transfer trains on the source and is carried to all others and the domains', () => {
    const cells = transferCells(choice);
    expect(cells).toHaveLength(3);
    expect(cells[1]).toMatchObject({
      id: 'transfer-all-maple-seed1',
      dataset: 'all',
      targets: ['mammals', 'sea life'],
      domains: ['old', 'grey'],
      recipe: { learningRate: 0.0026, epochs: 2, depth: 3 },
    });
  });

  test('few-shot has a cell for each number of shots, and one for a method that learns nothing', () => {
    const cells = fewShotCells({ ...choice, datasets: ['mammals'], seeds: [3], shots: [1, 4] });
    expect(cells.map(({ id, recipe }) => [id, recipe.shots])).toEqual([
      ['few-shot-mammals-zeroShot-seed3', 16],
      ['few-shot-mammals-maple-shots1-seed3', 1],
      ['few-shot-mammals-maple-shots4-seed3', 4],
    ]);
  });

  test('few-shot trains CoOp as its own paper does: the longer the more pictures', () => {
    const cells = fewShotCells({ ...choice, methods: ['coop', 'maple'], datasets: ['mammals'], seeds: [1] });
    expect(cells.map(({ method, recipe: { shots, epochs, length } }) => [method, shots, epochs, length])).toEqual([
      ['coop', 1, 50, 16],
      ['coop', 2, 100, 16],
      ['coop', 4, 100, 16],
      ['coop', 8, 200, 16],
      ['coop', 16, 200, 16],
      ...[1, 2, 4, 8, 16].map((shots) => ['maple', shots, 5, 2]),
    ]);
  });

  test('ablations vary one thing each, and name it', () => {
    const cells = ablationCells({ ...choice, config: tinyConfig(), datasets: ['mammals'], seeds: [1] });
    expect(cells.map(({ setting, method, design }) => [setting, method, design])).toEqual([
      ['depth=1', 'maple', { depth: 1 }],
      ['depth=2', 'maple', { depth: 2 }],
      ...[1, 2, 4, 8].map((length) => [`length=${length}`, 'maple', { length }]),
      ['coupling=none', 'deepLanguage', { depth: 2, length: 2 }],
      ['coupling=independent', 'ivlp', { depth: 2, length: 2 }],
      ['coupling=unified', 'unifiedMaple', { depth: 2, length: 2 }],
      ['coupling=per layer', 'maple', { depth: 2, length: 2 }],
      ['initialization=words', 'maple', { initialization: 'words' }],
      ['initialization=random', 'maple', { initialization: 'random' }],
    ]);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    expect(cells.every(({ id }) => /^[\w.-]+$/.test(id))).toBe(true);
  });

  test("of CoOp the class name's position is varied, by CoOp's recipe", () => {
    const of = ['classPosition'] as const;
    const cells = ablationCells({ ...choice, config: tinyConfig(), datasets: ['mammals'], seeds: [1], of });
    expect(cells.map(({ setting, method, design }) => [setting, method, design])).toEqual([
      ['classPosition=end', 'coop', { classPosition: 'end' }],
      ['classPosition=middle', 'coop', { classPosition: 'middle' }],
      ['classPosition=front', 'coop', { classPosition: 'front' }],
    ]);
    expect(cells[0].recipe).toEqual(paperRecipeOf('coop', 'base-to-new'));
  });

  test('validation has other files than the test', () => {
    const ids = galleryCells({ ...choice, split: 'validation' }).map(({ id }) => id);
    expect(ids[0]).toBe('gallery-validation-all-zeroShot-seed1');
  });

  test.each(['../up', 'a/b', '', '.hidden'])('a data set named %j has no file', (dataset) => {
    const [cell] = baseToNewCells(choice);
    expect(() => studyCell({ ...cell, dataset })).toThrow('part of its records’ file names'.replace('’', "'"));
  });
});
