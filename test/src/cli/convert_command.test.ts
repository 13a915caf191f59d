import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileHandler } from '../../../src/node/file_handler.js';
import { savePrompts } from '../../../src/node/prompt_folder.js';
import { BUILD_TIMEOUT, builtPackage } from '../../helpers/built_package.js';
import { watched, type EndedProgram } from '../../helpers/ended_program.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tunedClip } from '../../helpers/tuned_clip.js';

let folder: string;
let script: string;
const at = (name: string): string => join(folder, name);

function run(...args: string[]): Promise<EndedProgram> {
  return watched(spawn(process.execPath, [script, ...args], { env: { ...process.env, MAPLE_BACKEND: 'wasm' } })).ended;
}

beforeAll(async () => {
  script = join(await builtPackage(), 'bin', 'tfjs-maple.js');
  folder = await mkdtemp(join(tmpdir(), 'cli-convert-'));
  await chooseBackend('wasm');
  const model = await tunedClip(await tinyBackbone(), 'maple', { classNames: ['cat', 'dog'] });
  await savePrompts(model, at('prompts'));
  await model.save(fileHandler(at('model')));
}, BUILD_TIMEOUT);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('tfjs-maple convert', () => {
  test('prompts to where the official trainer looks, with the settings it needs', async () => {
    const { code, stdout, stderr } = await run('convert', at('prompts'), at('seed1'));
    expect(stderr).toContain(
      'TRAINER.MAPLE.N_CTX 2 TRAINER.MAPLE.PROMPT_DEPTH 2 TRAINER.MAPLE.CTX_INIT "a photo of a"',
    );
    expect(stdout).toBe(`${join(at('seed1'), 'MultiModalPromptLearner', 'model.pth.tar-5')}\n`);
    expect(code).toBe(0);
  });

  test('a model to a folded one; --json prints one document', async () => {
    const { code, stdout } = await run('convert', at('model'), at('folded'), '--json');
    expect(JSON.parse(stdout)).toEqual({ from: 'model', to: 'folded', path: at('folded') });
    expect(code).toBe(0);
  });

  test(
    'what the user can mend ends with 2 and writes nothing',
    async () => {
      await run('convert', at('prompts'), at('x.pth.tar-5'));
      const before = await readdir(folder);
      for (const [args, message] of [
        [['x.pth.tar-5', 'new'], 'does not tell its class names'],
        [['x.pth.tar-5', 'new', '--classes', 'cat,dog'], 'holds no CLIP. Give the backbone'],
        [['prompts', 'x.pth.tar-5'], 'is there already'],
        [['prompts', 'new', '--to', 'soup'], "argument 'soup' is invalid"],
        [['nowhere', 'new'], 'nowhere cannot be read'],
      ] as const) {
        const [from, target, ...rest] = args;
        const { code, stderr, stdout } = await run('convert', at(from), at(target), ...rest);
        expect(stderr).toContain(message);
        expect([code, stdout]).toEqual([2, '']);
      }
      expect(await readdir(folder)).toEqual(before);
    },
    BUILD_TIMEOUT,
  );
});

describe('tfjs-maple inspect', () => {
  test('prints what a folder is, its tensors on request', async () => {
    const { code, stdout } = await run('inspect', at('prompts'), '--tensors');
    expect(stdout).toContain(': folder: prompts of savePrompts (maple)\n');
    expect(stdout).toContain('  classNames: ["cat","dog"]\n');
    expect(stdout).toContain('  text/prompt_0/prompt F32 [2, 24]\n');
    expect(code).toBe(0);
  });

  test('--json prints one document', async () => {
    const { stdout } = await run('inspect', at('model'), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'model', facts: { method: 'maple', folded: false } });
  });

  test('a path that is nothing ends with 2', async () => {
    const { code, stderr, stdout } = await run('inspect', at('nowhere'));
    expect(stderr).toMatch(/^Error: .*nowhere cannot be read/m);
    expect([code, stdout]).toEqual([2, '']);
  });
});
