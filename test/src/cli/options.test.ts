import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { addBackboneOptions, backboneArgsOf, openBackboneFor, type BackboneFlags } from '../../../src/cli/options.js';
import { command } from '../../helpers/command.js';
import { writeCommandFiles } from '../../helpers/command_files.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'options-'));
  await writeCommandFiles(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const parsed = (...args: string[]) =>
  addBackboneOptions(new Command().exitOverride()).parse(args, { from: 'user' }).opts<BackboneFlags>();

describe('a misspelt choice is told the nearest', () => {
  test.each([
    ['train photos --method mapel', 'maple'],
    ['train photos --loss sigmoide', 'sigmoid'],
    ['train photos --backend nativ', 'native'],
    ['convert a b --to folde', 'folded'],
    ['convert a b --dtype f16', 'F16'],
    ['evaluate a b --split validatoin', 'validation'],
    ['few-shot --methods mapel', 'maple'],
  ])('%s', async (line, nearest) => {
    const { code, stderr } = await command(...line.split(' '));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Do you mean \`${nearest}\`?`)]);
  });
});

describe('--backbone and what goes with it', () => {
  test('is the shipped emoji-clip where none is named', async () => {
    const { name } = await openBackboneFor(parsed());
    expect(name).toMatch(/assets.emoji-clip$/);
  });

  test('hands on what is given, and only that', () => {
    expect(backboneArgsOf(parsed('--backbone', 'owner/name'))).toEqual({});
    const args = backboneArgsOf(parsed('--revision', 'v2', '--offline', '--image-size', '32'));
    expect(args).toEqual({ revision: 'v2', offline: true, imageSize: 32 });
    expect(backboneArgsOf(parsed('--update'))).toEqual({ update: true });
  });

  test('--image-size interpolates the position embedding', async () => {
    const clip = join(folder, 'clip');
    expect((await openBackboneFor(parsed('--backbone', clip))).config.vision.imageSize).toBe(16);
    expect((await openBackboneFor(parsed('--backbone', clip, '--image-size', '32'))).config.vision.imageSize).toBe(32);
  });

  test('a hub name that is not in the cache is refused without a network', async () => {
    const args = ['zero-shot', join(folder, 'photos', 'cat'), '--classes', 'cat,dog', '--backend', 'wasm'];
    const { code, stdout, stderr } = await command(...args, '--backbone', 'nobody/nothing', '--offline', '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('nobody/nothing');
  });

  test('--offline and --update exclude each other', async () => {
    const { code, stderr } = await command('predict', 'a', 'b', '--offline', '--update');
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
  });
});
