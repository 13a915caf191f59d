import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { readImageFolder } from '../../../src/node/image_folder.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { readPictureData } from '../../../src/node/picture_data.js';
import { loadPrompts } from '../../../src/node/prompt_folder.js';
import { readTrainData } from '../../../src/node/train_data.js';
import { command } from '../../helpers/command.js';
import { COMMAND_CLASSES, writeCommandFiles } from '../../helpers/command_files.js';

let folder: string;
let run: string;
let photos: string;
let backbone: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
  await writeCommandFiles(folder);
  [run, photos] = [join(folder, 'run'), join(folder, 'photos')];
  backbone = ['--backbone', join(folder, 'clip')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const evaluate = (...args: string[]) => command('evaluate', ...args, '--backend', 'wasm');

/** What the library says of the same pictures for the same names. */
async function expected(classNames: string[]) {
  const model = await loadPrompts(join(run, 'prompts'), await loadBackbone(join(folder, 'clip')), { classNames });
  const { examples } = await readImageFolder(photos);
  // american_bulldog, cat, dog as folders.
  const labels = [2, 0, 1];
  return evaluateClassifier(
    model,
    examples.map((example) => ({ ...example, label: labels[example.label] })),
  );
}

describe('evaluate', () => {
  test('--json is the whole record; classes are found by their names', async () => {
    const { code, stdout, stderr } = await evaluate(run, photos, '--json');
    const record = JSON.parse(stdout);
    expect(code).toBe(0);
    const { classNames, accuracy, macroF1, perClass, labels, said, pictures } = await expected(COMMAND_CLASSES);
    expect(record).toMatchObject({ model: run, data: photos, name: 'photos', classNames, labels, said, pictures });
    expect(record.accuracy).toBeCloseTo(accuracy, 9);
    expect(record.macroF1).toBeCloseTo(macroF1, 9);
    expect(record.perClass).toEqual(perClass);
    expect(record.interval.low).toBeLessThanOrEqual(accuracy);
    expect(record.interval.high).toBeGreaterThanOrEqual(accuracy);
    expect(record.names).toHaveLength(8);
    expect(record.unknownClasses).toEqual([]);
    expect(record.skipped.map(({ path }: { path: string }) => path)).toContain(join(photos, 'cat', 'text.png'));
    expect(stderr).toContain('text.png');
  });

  test('prints the figures, the classes and the confusions', async () => {
    const { accuracy } = await expected(COMMAND_CLASSES);
    const { stdout } = await evaluate(run, photos);
    expect(stdout).toMatch(new RegExp(`│ 8 +│ +3 │ +${(100 * accuracy).toFixed(1)} `));
    expect(stdout).toContain('Classes, the hardest first');
    expect(stdout).toContain('American Bulldog');
    expect(stdout).toMatch(/Most confused\n[^]*of 3/);
  });

  test('other class names without training again, on prompts and on a whole model', async () => {
    const names = ['owl', 'fox', 'bird'];
    const swapped = await evaluate(run, join(folder, 'photos'), '--classes', 'cat,dog,american bulldog', ...backbone);
    expect(swapped.code).toBe(0);
    const others = join(folder, 'others');
    for (const [index, name] of ['cat', 'dog', 'american_bulldog'].entries()) {
      await cp(join(photos, name), join(others, names[index]), { recursive: true });
    }
    const { stdout } = await evaluate(join(run, 'prompts'), others, '--data-classes', '--json', ...backbone);
    const ofWhole = await evaluate(join(folder, 'whole'), others, '--data-classes', '--json', ...backbone);
    const record = JSON.parse(stdout);
    expect(record.classNames).toEqual(['bird', 'fox', 'owl']);
    expect(JSON.parse(ofWhole.stdout).said).toEqual(record.said);
    const { said } = await expected(names);
    // The same answers to the same pictures: those of the folders are in another order.
    const counts = (answers: string[]) => answers.sort();
    expect(counts(record.said.map((label: number) => record.classNames[label]))).toEqual(
      counts(said.map((label) => names[label])),
    );
  });

  test('pictures of classes that the model does not know are left out and told of', async () => {
    const { stdout, stderr } = await evaluate(run, photos, '--json', '--classes', 'cat,dog', ...backbone);
    expect(JSON.parse(stdout)).toMatchObject({ pictures: 5, unknownClasses: ['american_bulldog'] });
    expect(stderr).toContain('skipped: the class "american_bulldog", which the model does not know');
  });

  test.each([
    [['--classes', 'owl,fox'], "None of the data's classes is one of the model's."],
    [['--classes', 'owl,fox', '--classes-file', 'x'], 'cannot be used with'],
    [['--split', 'half'], 'Allowed choices are test, train, validation, all'],
  ])('%j is refused: exit code 2, nothing on standard output', async (args, message) => {
    const { code, stdout, stderr } = await evaluate(run, photos, '--json', ...args, ...backbone);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('a folded model cannot be told other names, and says so', async () => {
    const { code, stderr } = await evaluate(join(run, 'model'), photos, '--data-classes', ...backbone);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Swap the names before folding')]);
  });

  test('prompts of another backbone are refused', async () => {
    const { code, stderr } = await evaluate(join(run, 'prompts'), photos);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: .*emoji-clip/m);
  });
});

describe('the part that is tested on', () => {
  const split = async (...args: string[]) => {
    const { stdout, stderr } = await evaluate(run, photos, '--json', ...args);
    return { ...(JSON.parse(stdout) as { split: string; names: string[] }), stderr };
  };

  test('of data that are not split: all, and it is said what that means', async () => {
    const { split: part, names, stderr } = await split();
    expect([part, names.length]).toEqual(['all', 8]);
    expect(stderr).toContain('photos is not split: all of it is tested');
  });

  test('of the same data: what train held out, by share and seed', async () => {
    const data = await readPictureData(photos, { split: { test: 0.25, validation: 0 }, seed: 1 });
    const { split: part, names, stderr } = await split('--split', 'test');
    expect([part, names]).toEqual(['test', data.test.map(({ name }) => name)]);
    expect(stderr).not.toContain('not split');
    const { names: trained } = await split('--split', 'train');
    expect([...names, ...trained].sort()).toEqual((await split('--split', 'all')).names.sort());
    expect((await split('--split', 'test', '--test-share', '0.6')).names).toHaveLength(5);
    const others = [];
    for (const seed of ['2', '3', '4']) {
      others.push((await split('--split', 'test', '--seed', seed)).names.join());
    }
    expect(others.some((other) => other !== names.join())).toBe(true);
  });

  test('is what train held out even where a picture is damaged behind its header', async () => {
    const damaged = join(folder, 'damaged');
    await cp(photos, damaged, { recursive: true });
    const whole = await readFile(join(photos, 'cat', 'red.png'));
    for (let index = 0; index < 6; index++) {
      await cp(join(photos, 'cat', 'red.png'), join(damaged, 'cat', `${index}.png`));
      await writeFile(join(damaged, 'cat', `cut ${index}.png`), whole.subarray(0, whole.length - 30));
    }
    const options = { shots: 'all', seed: 1, testShare: 0.25, validationShare: 0 } as const;
    const { dataset } = await readTrainData(damaged, options);
    const { stdout, stderr } = await evaluate(run, damaged, '--json', '--split', 'test');
    expect((JSON.parse(stdout) as { names: string[] }).names).toEqual(dataset.test.map(({ name }) => name));
    expect(stderr).toMatch(/skipped: .*cut 0\.png cannot be decoded/);
  });

  test('of split data: their own test part', async () => {
    const parts = join(folder, 'parts');
    await cp(join(photos, 'cat'), join(parts, 'train', 'cat'), { recursive: true });
    await cp(join(photos, 'dog'), join(parts, 'train', 'dog'), { recursive: true });
    await cp(join(photos, 'dog'), join(parts, 'test', 'dog'), { recursive: true });
    const { stdout } = await evaluate(run, parts, '--json');
    const record = JSON.parse(stdout);
    expect([record.split, record.pictures]).toEqual(['test', 2]);
    const { code, stderr } = await evaluate(run, parts, '--split', 'validation', '--test-share', '1');
    expect([code, stderr]).toEqual([2, expect.stringContaining('It must be a number above 0 and below 1.')]);
  });
});
