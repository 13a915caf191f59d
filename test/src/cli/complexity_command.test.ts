import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../src/cli/main.js';
import type { ComplexityRecord } from '../../../src/evaluation/record.js';
import { saveWhole } from '../../helpers/saved_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'complexity-'));
  await saveWhole(join(folder, 'clip'), await tinyBackbone({ text: { contextLength: 60 } }));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => rm(folder, { recursive: true, force: true }));

test('complexity writes its record and shows it as a table', async () => {
  const shown = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const told = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const runs = join(folder, 'runs');
  const sizes = ['--classes', '3', '--test-batch', '2', '--train-batch', '1', '--repeats', '2'];
  const given = ['--backbone', join(folder, 'clip'), '--folder', runs, '--backend', 'wasm'];
  expect(await main(['complexity', ...given, ...sizes, '--methods', 'zeroShot,coop'])).toBe(0);

  const record = JSON.parse(await readFile(join(runs, 'complexity.json'), 'utf8')) as ComplexityRecord;
  expect(record).toMatchObject({ protocol: 'complexity', classes: 3, testBatch: 2, trainBatch: 1 });
  expect(record.environment.backend).toBe('wasm');
  expect(record.methods.map(({ method, test: { seconds } }) => [method, seconds.length])).toEqual([
    ['zeroShot', 2],
    ['coop', 2],
  ]);
  const lines = told.mock.calls.flat();
  expect(lines).toContainEqual(expect.stringMatching(/^measuring +0% +0\/18/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^measuring {3}44% {2}8\/18 {2}method coop \(2 of 2\) {2}\d:\d\d left\n$/),
  );
  expect(String(shown.mock.calls[0][0])).toMatch(/Zero-shot.*\n[^]*CoOp/);
});

test('complexity measures nothing that it cannot keep', async () => {
  const told = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const file = join(folder, 'a file');
  await writeFile(file, '');
  const given = ['--backbone', join(folder, 'clip'), '--classes', '3', '--backend', 'wasm', '--methods', 'zeroShot'];
  expect(await main(['complexity', ...given, '--folder', join(file, 'runs')])).toBe(2);
  const messages = told.mock.calls.flat().join('');
  expect(messages).toContain(`${join(file, 'runs')} cannot be written: a part of this path is a file`);
  expect(messages).not.toContain('zeroShot (1 of 1)');
});

test('complexity refuses more classes than there are names for', async () => {
  const told = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  expect(await main(['complexity', '--classes', '100000', '--backend', 'wasm'])).toBe(2);
  expect(told.mock.calls.flat().join('')).toContain('`--classes` must be at most ');
});

test('complexity tells which architectures there are, and takes one or a backbone', async () => {
  const told = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  expect(await main(['complexity', '--shape', 'vitB17', '--backend', 'wasm'])).toBe(2);
  const unknown = told.mock.calls.flat().join('');
  expect(unknown).toMatch(
    /"vitB17" is no published architecture\. Do you mean `vitB16`\? Take one of vitB32, .*, siglip2GiantOpt16At384;/,
  );
  expect(unknown).toContain('docs/backbones.md');

  told.mockClear();
  expect(await main(['complexity', '--shape', 'vitB16', '--backbone', 'emoji-clip'])).toBe(2);
  expect(told.mock.calls.flat().join('')).toContain("cannot be used with option '--backbone");
});
