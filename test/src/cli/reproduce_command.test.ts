import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { BaseToNewRecord } from '../../../src/evaluation/record.js';
import type { ReproducedFigure } from '../../../src/report/reproduced_figures.js';
import { recipes } from '../../../src/training/recipe.js';
import { BUILD_TIMEOUT, builtPackage } from '../../helpers/built_package.js';
import { watched, type EndedProgram } from '../../helpers/ended_program.js';
import { writeImageNetTree, writeSplitTree, writeVariantTrees, type SplitTree } from '../../helpers/paper_trees.js';
import { saveWhole } from '../../helpers/saved_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

/** Several programs one after the other, on a machine that may be busy; in milliseconds. */
const RUN_TIMEOUT = 240_000;

let folder: string;
let root: string;
let script: string;
let tree: SplitTree;

function reproduce(...args: string[]): Promise<EndedProgram> {
  const env = { ...process.env, MAPLE_BACKEND: 'wasm' };
  return watched(spawn(process.execPath, [script, 'reproduce', ...args], { env, cwd: folder })).ended;
}

beforeAll(async () => {
  script = join(await builtPackage(), 'bin', 'tfjs-maple.js');
  folder = await mkdtemp(join(tmpdir(), 'reproduce-'));
  root = join(folder, 'data');
  tree = await writeSplitTree(root, 'EuroSAT');
  // The longest class names fit in its context, letter by letter.
  await saveWhole(join(folder, 'clip'), await tinyBackbone({ text: { contextLength: 77 } }));
}, BUILD_TIMEOUT);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('reproduce', () => {
  test('a root that is not there is told before a backbone is looked for', async () => {
    const { code, stderr } = await reproduce('zero-shot', '--root', 'nowhere', '--backbone', 'neither/here');
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/`--root` must name .* Received: .*nowhere, which does not/),
    ]);
  });

  const common = () => ['--root', root, '--backbone', join(folder, 'clip'), '--jobs', '1', '--seeds', '1'];

  test(
    'base-to-new on EuroSAT: records, figures beside the published ones, a report; then goes on',
    async () => {
      const args = ['base-to-new', '--datasets', 'euro-sat', '--methods', 'zeroShot,maple', ...common(), '--json'];
      const first = await reproduce(...args);
      expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('2 cells: 0 have a record, 2 to run')]);
      expect(first.stderr).toContain('Warning: EuroSAT has 12 training pictures; as published it has 13500.');
      const { figures, report } = JSON.parse(first.stdout) as { figures: ReproducedFigure[]; report: string };

      const records = join(folder, 'runs', 'reproduce', 'base-to-new', 'records');
      expect((await readdir(records)).sort()).toEqual([
        'base-to-new-EuroSAT-maple-seed1.json',
        'base-to-new-EuroSAT-zeroShot-seed1.json',
      ]);
      const read = async (method: string) =>
        JSON.parse(
          await readFile(join(records, `base-to-new-EuroSAT-${method}-seed1.json`), 'utf8'),
        ) as BaseToNewRecord;
      const [maple, zeroShot] = [await read('maple'), await read('zeroShot')];
      expect(maple.recipe).toEqual({ ...recipes.mapleBaseToNew, depth: 2 });
      expect(maple.history).toHaveLength(5);
      expect(zeroShot.templates).toEqual(['a centered satellite photo of {}.']);
      expect(zeroShot.base).toMatchObject({ classNames: ['Annual Crop Land', 'Highway or Road'], pictures: 4 });
      const ofNew = tree.test.filter(([, label]) => label >= 2).map(([, label]) => label - 2);
      expect(zeroShot.new).toMatchObject({ classNames: ['Sea or Lake', 'Forest'], labels: ofNew });

      expect(figures).toHaveLength(6);
      const [base] = figures;
      expect(base).toMatchObject({ method: 'zeroShot', dataset: 'EuroSAT', measure: 'base', published: 56.48 });
      expect(base.ours).toBeCloseTo(100 * zeroShot.base.accuracy, 10);
      expect(base.difference).toBeCloseTo(base.ours - 56.48, 10);
      expect(base.withinBand).toBe(Math.abs(base.ours - 56.48) <= 0.5);
      expect(await readFile(join(folder, report), 'utf8')).toContain('ours beside the paper’s: MaPLe');

      const second = await reproduce(...args.slice(0, -1));
      expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('2 cells: 2 have a record, 0 to run')]);
      expect(second.stdout).toContain('Paper Base');
      expect(second.stdout).toMatch(/\d of 6 figures are within the expected band/);
      expect(second.stdout).toContain('this backbone is of another architecture');
    },
    RUN_TIMEOUT,
  );

  test(
    'transfer from ImageNet to another data set and two of its variants',
    async () => {
      await writeImageNetTree(root);
      await writeVariantTrees(root);
      const names = 'EuroSAT,ImageNet-V2,imagenet-a';
      const { code, stdout } = await reproduce(
        'transfer',
        '--datasets',
        names,
        '--methods',
        'zeroShot',
        ...common(),
        '--json',
      );
      expect(code).toBe(0);
      const { figures } = JSON.parse(stdout) as { figures: ReproducedFigure[] };
      expect(figures.map(({ dataset, published }) => [dataset, published])).toEqual([
        ['ImageNet (source)', undefined],
        ['EuroSAT', undefined],
        ['Average', undefined],
        ['ImageNet (source)', 66.73],
        ['ImageNetV2', 60.83],
        ['ImageNetA', 47.77],
        ['Average', (60.83 + 47.77) / 2],
      ]);
      const other = await reproduce('transfer', '--datasets', 'ImageNetV2', '--methods', 'zeroShot', ...common());
      expect([other.code, other.stdout]).toEqual([2, '']);
      expect(other.stderr).toContain('was tested on EuroSAT, ImageNetV2, ImageNetA, and this asks for ImageNetV2.');
    },
    RUN_TIMEOUT,
  );

  test('--list tells what there is', async () => {
    const { code, stdout } = await reproduce('--list');
    expect(code).toBe(0);
    for (const name of [
      'zero-shot',
      'base-to-new',
      'cross-dataset',
      'domain-generalisation',
      'few-shot',
      'ablations',
    ]) {
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  test.each([
    [[], 'Name what is to be reproduced: zero-shot, base-to-new,'],
    [['table-9'], 'Received: "table-9"'],
    [['table3'], 'Do you mean `zero-shot` or `base-to-new`?'],
    [['tabel3'], 'Do you mean `zero-shot` or `base-to-new`?'],
    [['zero-shot', '--datasets', 'Pets'], 'Received: "Pets". Do you mean `OxfordPets`?'],
    [['base-to-nwe'], 'Do you mean `base-to-new`?'],
    [['zero-shot', '--root', '.', '--datasets', 'Pets'], 'Received: "Pets". Do you mean `OxfordPets`?'],
    [['base-to-new'], '`--root` must name the folder of the data sets'],
    [['base-to-new', '--datasets', 'CIFAR'], "The paper's data sets are ImageNet,"],
    [
      ['base-to-new', '--datasets', 'ImageNet-A'],
      'ImageNetA is for testing only. `base-to-new` is of ImageNet, Caltech101',
    ],
    [['ablations', '--methods', 'coop'], '`ablations` are of maple. Received: coop.'],
    [['zero-shot', '--datasets', 'EuroSAT,SUN397'], 'SUN397 is expected in'],
  ])('%j is the user’s to mend', async (args, message) => {
    const machine = args.length > 1 ? [...common(), '--folder', 'none'] : [];
    const { code, stdout, stderr } = await reproduce(...args, ...machine);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
