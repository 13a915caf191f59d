import { describe, expect, test } from '@jest/globals';
import { METHODS } from '../../../src/prompting/presets.js';
import { clipTemplates } from '../../../src/prompting/templates.js';
import { benchmarkCells } from '../../../src/study/benchmark.js';
import { ablationCells } from '../../../src/study/cells.js';
import { paperRecipeOf as recipeOf } from '../../../src/study/paper_recipes.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const datasets = ['all', ...Array.from({ length: 10 }, (_, index) => `set ${index}`)];
const data = { datasets, source: 'all', domains: ['old', 'grey'], templates: ['a {}.', 'the {}.'] };
const cells = benchmarkCells({ data, recipeOf, config: tinyConfig() });

describe('benchmarkCells', () => {
  test('has every method on every data set with three seeds, but zero-shot, which draws nothing, with one', () => {
    const usual = cells.filter(({ protocol, setting }) => protocol === 'base-to-new' && setting === undefined);
    expect(usual).toHaveLength(11 * (1 + 3 * (METHODS.length - 1)));
    for (const method of METHODS) {
      const seeds = new Set(usual.filter((cell) => cell.method === method).map(({ seed }) => seed));
      expect([...seeds]).toEqual(method === 'zeroShot' ? [1] : [1, 2, 3]);
    }
  });

  test('names each cell once, of every protocol', () => {
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    expect(new Set(cells.map(({ protocol }) => protocol))).toEqual(
      new Set(['base-to-new', 'transfer', 'few-shot', 'gallery']),
    );
  });

  test('finishes the first seed of all before any other, then the main table, and CoCoOp last', () => {
    const seeds = cells.map(({ seed }) => seed);
    expect(seeds.lastIndexOf(1)).toBeLessThan(seeds.indexOf(2));
    const later = cells.filter(({ seed }) => seed > 1);
    const kinds = later.map(({ method, protocol, setting }) =>
      method === 'cocoop' ? 'CoCoOp' : protocol === 'base-to-new' && !setting ? 'main table' : 'other',
    );
    expect([...new Set(kinds)]).toEqual(['main table', 'other', 'CoCoOp']);
    expect(kinds).toEqual([...kinds].sort((one, other) => Number(one === 'CoCoOp') - Number(other === 'CoCoOp')));
    const mainSeeds = later.filter((_, index) => kinds[index] === 'main table').map(({ seed }) => seed);
    expect(mainSeeds).toEqual([...mainSeeds].sort((one, other) => one - other));
  });

  test('quick is a part of it, of one seed', () => {
    const quick = benchmarkCells({ data, recipeOf, config: tinyConfig(), quick: true });
    expect(quick.length).toBeLessThan(50);
    expect(new Set(quick.map(({ seed }) => seed))).toEqual(new Set([1]));
    expect(benchmarkCells({ data, recipeOf, config: tinyConfig(), seeds: [7] }).every(({ seed }) => seed === 7)).toBe(
      true,
    );
  });
});

test("the texts that zero-shot averages are the data's own, CLIP's 7 and its 80, with one seed", () => {
  const config = tinyConfig();
  const made = ablationCells({ data, datasets: ['all'], seeds: [1, 2], recipeOf, config, of: ['templates'] });
  expect(made.map(({ id, setting, templates }) => [id, setting, templates])).toEqual([
    ['base-to-new-all-zeroShot-templates_own_2-seed1', 'templates=own 2', data.templates],
    ['base-to-new-all-zeroShot-templates_CLIP_s_7-seed1', "templates=CLIP's 7", clipTemplates.selected],
    ['base-to-new-all-zeroShot-templates_CLIP_s_80-seed1', "templates=CLIP's 80", clipTemplates.imagenet80],
  ]);
});
