import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { command } from '../../helpers/command.js';
import { COMMAND_CLASSES, writeCommandFiles } from '../../helpers/command_files.js';

let folder: string;
let run: string;
let cats: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'predict-'));
  await writeCommandFiles(folder);
  [run, cats] = [join(folder, 'run'), join(folder, 'photos', 'cat')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const predict = (...args: string[]) => command('predict', ...args, '--backend', 'wasm');

describe('predict', () => {
  test('--json is one document: answers with all classes, and what was skipped', async () => {
    const { code, stdout, stderr } = await predict(run, cats, '--json');
    const { model, pictures, skipped } = JSON.parse(stdout);
    expect([code, model]).toEqual([0, run]);
    expect(pictures.map(({ path }: { path: string }) => path)).toEqual(
      ['orange', 'pink', 'red'].map((name) => join(cats, `${name}.png`)),
    );
    for (const { answers } of pictures as { answers: { className: string; probability: number }[] }[]) {
      expect(answers.map(({ className }) => className).sort()).toEqual([...COMMAND_CLASSES].sort());
      expect(answers.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    }
    expect(skipped).toEqual([{ path: join(cats, 'text.png'), reason: expect.stringContaining('must be a JPEG') }]);
    expect(stderr).toContain(`skipped: ${join(cats, 'text.png')} must be a JPEG`);
  });

  test('says the same of a folded model, of a whole one, and of prompts on their backbone', async () => {
    const said = async (...args: string[]) => JSON.parse((await predict(...args, cats, '--json')).stdout).pictures;
    const expected = await said(run);
    const close = expected.map(({ path, answers }: { path: string; answers: { probability: number }[] }) => ({
      path,
      answers: answers.map((answer) => ({ ...answer, probability: expect.closeTo(answer.probability, 5) })),
    }));
    expect(await said(join(folder, 'whole', 'model.json'))).toEqual(close);
    expect(await said(join(run, 'prompts'), '--backbone', join(folder, 'clip'))).toEqual(close);
  });

  test('--jsonl is a line a picture, --csv a line an answer, in the same order', async () => {
    const { pictures, skipped } = JSON.parse((await predict(run, cats, '--json')).stdout);
    const lines = (await predict(run, cats, '--jsonl', '--batch-size', '2')).stdout.trimEnd().split('\n');
    const ofLines = lines.map((line) => JSON.parse(line));
    expect(ofLines.filter((line) => 'reason' in line)).toEqual(skipped);
    expect(ofLines.filter((line) => 'answers' in line)).toEqual(pictures);

    const rows = parse((await predict(run, cats, '--csv', '--top', '2')).stdout, { columns: true });
    expect(rows).toHaveLength(6);
    expect(rows[1]).toEqual({
      path: pictures[0].path,
      rank: '2',
      class: pictures[0].answers[1].className,
      probability: String(pictures[0].answers[1].probability),
    });
  });

  test('--threshold leaves out unlikely answers, and keeps the picture', async () => {
    const certain = JSON.parse((await predict(run, cats, '--json', '--threshold', '1')).stdout).pictures;
    expect(certain.map(({ answers }: { answers: unknown[] }) => answers)).toEqual([[], [], []]);
    const { stdout } = await predict(run, cats, '--csv', '--threshold', '1');
    expect(stdout.split('\n')[1]).toBe(`${join(cats, 'orange.png')},,,`);
    expect((await predict(run, cats, '--threshold', '1')).stdout).toContain('–');
  });

  test('--recursive looks below, and once where links lead round', async () => {
    await symlink(join(folder, 'photos'), join(cats, 'deeper', 'round'));
    const { stdout } = await predict(run, cats, '--recursive', '--json');
    const paths = JSON.parse(stdout).pictures.map(({ path }: { path: string }) => path);
    expect(paths.filter((path: string) => path.endsWith('white.png'))).toEqual([join(cats, 'deeper', 'white.png')]);
    expect(paths.filter((path: string) => path.endsWith('navy.png'))).toHaveLength(1);
    expect(paths.filter((path: string) => path.endsWith('red.png'))).toHaveLength(1);
  });

  test('--quiet tells of skipped files and errors only', async () => {
    const { stderr, stdout } = await predict(run, cats, '--quiet');
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^skipped: /)]);
    expect(stdout).toContain('red.png');
    expect((await predict(run, cats)).stderr).toContain('Backend: ');
  });

  test.each([
    [['https://example.org/model', '.'], 'A model must be a folder on this machine'],
    [['nowhere', '.'], 'nowhere must be a model. Received: no such folder. Name a folder that holds a model.json'],
    [['.', 'package.json'], '. must be a model. Received: none of these.'],
  ])('%j cannot be used: exit code 2, nothing on standard output', async ([model, pictures], message) => {
    const named = pictures === '.' ? cats : pictures;
    const { code, stdout, stderr } = await predict(model, named, '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test.each([[[]], [['--json']]])('with nothing but files that are no pictures, %j: exit code 2', async (options) => {
    const { code, stdout, stderr } = await predict(run, join(cats, 'text.png'), ...options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('The file could not be read as a picture: the lines above tell why.');
  });

  test.each([
    ['--json', '--csv'],
    ['--json', '--jsonl'],
    ['--jsonl', '--csv'],
  ])('%s and %s exclude each other', async (...options) => {
    const { code, stderr } = await predict(run, cats, ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
  });

  test.each(['1.5', '-1', 'half', ''])('--threshold %j is refused', async (value) => {
    const { code, stderr } = await predict(run, cats, '--threshold', value);
    expect([code, stderr]).toEqual([2, expect.stringContaining('It must be a number from 0 to 1.')]);
  });
});
