import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileHandler } from '../../../src/node/file_handler.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { BUILD_TIMEOUT, builtPackage } from '../../helpers/built_package.js';
import { watched, type EndedProgram } from '../../helpers/ended_program.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let folder: string;
let script: string;

const ENVIRONMENT = { ...process.env, MAPLE_BACKEND: 'wasm' };

const run = (...args: string[]): Promise<EndedProgram> => runScript(script, ...args);

function runScript(...args: string[]): Promise<EndedProgram> {
  return watched(spawn(process.execPath, args, { env: ENVIRONMENT })).ended;
}

beforeAll(async () => {
  script = join(await builtPackage(), 'bin', 'tfjs-maple.js');
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  await chooseBackend('wasm');
  const backbone = await tinyBackbone();
  const design = promptDesign('maple', backbone.config);
  const model = await buildClip(backbone, { classNames: ['cat', 'dog', 'fox'], design });
  await model.save(fileHandler(join(folder, 'model')));
  await mkdir(join(folder, 'pictures'));
  await mkdir(join(folder, 'empty'));
  await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
    .png()
    .toFile(join(folder, 'pictures', 'red.png'));
  await writeFile(join(folder, 'pictures', 'text.png'), 'not a picture');
}, BUILD_TIMEOUT);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('tfjs-maple', () => {
  test('--help lists the commands', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    const protocols = ['base-to-new', 'transfer', 'few-shot', 'ablation', 'gallery', 'benchmark'];
    for (const command of ['demo', 'predict', ...protocols, 'doctor', 'native', 'pretrain']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  test.each([
    [['paint'], "unknown command 'paint'"],
    [['demo', '--shots', 'many'], "argument 'many' is invalid. It must be an integer of 1 or more."],
    [['predict', 'model'], "missing required argument 'pictures'"],
    [['doctor', '--backend', 'abacus'], 'unknown option'],
    [
      ['ablation', '--of', 'colour'],
      'colour is none of depth, length, coupling, initialization, classPosition, templates.',
    ],
    [['transfer', '--methods', 'maple,plum'], 'plum is none of zeroShot, tipAdapter, tipAdapterF, lpPlusPlus, coop,'],
    [['few-shot', '--shots', '1,,2'], 'Join the values by single commas.'],
    [['gallery', '--data', 'nowhere.mjs'], 'nowhere.mjs cannot be imported'],
    [['demo', '--backbone', 'nowhere'], 'Error: The backbone nowhere cannot be read'],
  ])('%j is the user’s to mend: exit code 2', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(2);
  });

  test('a copy that is not built says what to do', async () => {
    await cp(script, join(folder, 'bin', 'tfjs-maple.js'));
    const built = script;
    script = join(folder, 'bin', 'tfjs-maple.js');
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    const { code, stderr } = await run('--help').finally(() => (script = built));
    expect([code, stderr]).toEqual([2, expect.stringContaining('Run `npm run build` first.')]);
  });
});

describe('as a program of a shell', () => {
  test('starts without tfjs and sharp: help is there at once', async () => {
    const file = join(folder, 'start.mjs');
    const main = join(script, '..', '..', 'dist', 'src', 'cli', 'main.js');
    await writeFile(
      file,
      `import { createRequire } from 'node:module';
       const { cache } = createRequire(${JSON.stringify(script)});
       const loaded = () => Object.keys(cache).filter((path) => /@tensorflow|[/]sharp[/]/.test(path)).length;
       const { main } = await import(${JSON.stringify(main)});
       for (const args of [['--help'], ['train', '--help'], ['predict', '--help'], ['predict']]) await main(args);
       const before = loaded();
       await main(['predict', 'nowhere', 'nothing.png', '--backend', 'wasm']);
       console.error(JSON.stringify([before, loaded() > 0]));`,
    );
    const { stderr } = await runScript(file);
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) as string)).toEqual([0, true]);
  });

  test('whoever reads its output may have enough: no message, exit code 141', async () => {
    const many = new Array(400).fill(join(folder, 'pictures', 'red.png')).join(' ');
    const line = `${process.execPath} ${script} predict ${join(folder, 'model')} ${many} --jsonl --quiet`;
    const shell = `${line} | head -1; echo "code \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await watched(spawn('bash', ['-c', shell], { env: ENVIRONMENT })).ended;
    const [first, code] = stdout.trimEnd().split('\n');
    expect(JSON.parse(first).answers).toHaveLength(3);
    expect([code, stderr]).toEqual(['code 141', '']);
  });

  test('many pictures are read on threads, with the same answers', async () => {
    const red = join(folder, 'pictures', 'red.png');
    const [one, many] = [
      await run('predict', join(folder, 'model'), red, '--json'),
      await run('predict', join(folder, 'model'), ...new Array(100).fill(red), '--json'),
    ];
    const [expected] = JSON.parse(one.stdout).pictures;
    const pictures = JSON.parse(many.stdout).pictures;
    expect(pictures).toHaveLength(100);
    for (const { answers } of pictures as (typeof expected)[]) {
      answers.forEach(({ className, probability }: { className: string; probability: number }, index: number) => {
        expect(className).toBe(expected.answers[index].className);
        expect(probability).toBeCloseTo(expected.answers[index].probability, 5);
      });
    }
  });

  test('an error that nobody catches is a defect: exit code 1', async () => {
    const file = join(folder, 'defect.mjs');
    const main = join(script, '..', '..', 'dist', 'src', 'cli', 'main.js');
    await writeFile(
      file,
      `const { runProgram } = await import(${JSON.stringify(main)});
       process.exitCode = await runProgram(['predict', '--help']);
       Promise.reject(new TypeError('lost on the way'));
       setTimeout(() => undefined, 10_000);`,
    );
    const { code, stderr } = await runScript(file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^This is a defect of tfjs-maple[^]*TypeError: lost on the way/);
  });
});

describe('predict', () => {
  test('classifies what is a picture and names what is not', async () => {
    const { code, stdout, stderr } = await run('predict', join(folder, 'model'), join(folder, 'pictures'), '--json');
    expect(code).toBe(0);
    const { pictures, skipped } = JSON.parse(stdout);
    expect(pictures).toEqual([{ path: join(folder, 'pictures', 'red.png'), answers: expect.any(Array) }]);
    expect(pictures[0].answers.map(({ className }: { className: string }) => className).sort()).toEqual([
      'cat',
      'dog',
      'fox',
    ]);
    expect(skipped[0].path).toBe(join(folder, 'pictures', 'text.png'));
    expect(stderr).toContain('text.png must be a JPEG');
    expect(stderr).toContain('Backend: WebAssembly');
  });

  test('with nothing but a non-image ends with exit code 2', async () => {
    const { code, stdout, stderr } = await run('predict', join(folder, 'model'), join(folder, 'pictures', 'text.png'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Error: The file could not be read as a picture: the lines above tell why.');
  });

  test('on a folder without pictures, or without a model, ends with exit code 2', async () => {
    const empty = await run('predict', join(folder, 'model'), join(folder, 'empty'));
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('empty must hold pictures')]);
    const none = await run('predict', join(folder, 'empty'), join(folder, 'pictures'));
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('Name a folder that holds a model.json')]);
  });
});
