import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../../helpers/command.js';

const before = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  process.env.MAPLE_BACKEND = 'wasm';
  process.env.MAPLE_CACHE = join(folder, 'cache');
});
afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true });
});

test('doctor --json is one document; all is well', async () => {
  const { code, stdout, stderr } = await command('doctor', '--json');
  const found = JSON.parse(stdout);
  expect([code, stderr]).toEqual([0, '']);
  expect(found).toMatchObject({ backend: { name: 'wasm' }, cache: join(folder, 'cache'), problems: [] });
  expect(found.pictures.formats).toContain('jpeg');
  expect(found.disk.free).toBeGreaterThan(0);
  expect('hub' in found).toBe(false);
});

test('what keeps programs from working is told, after what was found: exit code 2', async () => {
  process.env.MAPLE_BACKEND = 'abacus';
  await writeFile(join(folder, 'cache'), 'a file');
  process.env.HF_ENDPOINT = 'http://127.0.0.1:1';
  const { code, stdout, stderr } = await command('doctor', '--json', '--hub');
  const { problems } = JSON.parse(stdout);
  expect(code).toBe(2);
  expect(problems).toEqual([
    expect.stringContaining('MAPLE_BACKEND must be'),
    expect.stringContaining('cannot be written'),
    expect.stringContaining('http://127.0.0.1:1 does not answer'),
  ]);
  expect(stderr).toBe(`Error: ${problems.join('\n')}\n`);
  const lines = await command('doctor');
  expect([lines.code, lines.stdout]).toEqual([2, expect.stringContaining('Problem: The environment variable')]);
});
