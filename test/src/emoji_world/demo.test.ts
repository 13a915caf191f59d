import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { classNamesOf } from '../../../src/backbone/model_metadata.js';
import { runDemo } from '../../../src/emoji_world/demo.js';
import { emojiRecipe } from '../../../src/emoji_world/recipes.js';
import type { BaseToNewRecord } from '../../../src/evaluation/record.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { runEnvironment } from '../../../src/node/environment.js';
import type { Method } from '../../../src/prompting/presets.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('compares, reports, saves, loads again and classifies what lies in the folder', async () => {
  const environment = runEnvironment(await chooseBackend('wasm'));
  // Names of the classes fall into letters with the tiny tokeniser.
  const backbone = await tinyBackbone({ text: { contextLength: 77 } });
  const stages: string[] = [];
  const shown: BaseToNewRecord[] = [];
  const recipeOf = (method: Method) => ({ ...emojiRecipe(method), epochs: 1, batchSize: 4 });
  const result = await runDemo({
    backbone,
    environment,
    folder: join(folder, 'demo'),
    classes: 4,
    shots: 2,
    recipeOf,
    onStage: (text) => stages.push(text),
    onRecords: (records) => shown.push(...records),
  });

  expect(result.records.map(({ method }) => method)).toEqual(['zeroShot', 'coop', 'maple']);
  expect(shown).toEqual(result.records);
  expect(stages).toHaveLength(6);
  expect((await readdir(join(folder, 'demo'))).sort()).toEqual(['maple', 'pictures', 'records.json', 'report.html']);
  expect(JSON.parse(await readFile(join(folder, 'demo', 'records.json'), 'utf8'))).toEqual(result.records);
  expect(await readFile(result.report, 'utf8')).toContain('Base to new: Noto Emoji, food');

  const names = await readdir(result.pictures);
  expect(names).toHaveLength(12);
  expect(result.classification.skipped).toEqual([]);
  expect(result.classification.classified).toHaveLength(12);
  const all = classNamesOf(await loadLayersModel(`file://${result.model}`));
  expect(all).toHaveLength(4);
  expect(new Set(result.truths)).toEqual(new Set(all));
  for (const name of names) {
    expect(all.some((className) => name.includes(className.replaceAll(' ', '-')))).toBe(false);
  }
});

test('refuses an unwritable folder before any training', async () => {
  await writeFile(join(folder, 'file'), '');
  const environment = runEnvironment(await chooseBackend('wasm'));
  const stages: string[] = [];
  const options = { backbone: await tinyBackbone(), environment, onStage: (text: string) => stages.push(text) };
  await expect(runDemo({ ...options, folder: join(folder, 'file', 'demo') })).rejects.toThrow('cannot be written');
  await expect(runDemo({ ...options, folder, style: 'cubist' })).rejects.toThrow('`style` must be one of twemoji');
  expect(stages).toEqual([]);
});
