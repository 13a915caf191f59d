import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILD_TIMEOUT, builtPackage } from '../../helpers/built_package.js';
import { watched } from '../../helpers/ended_program.js';
import { writePhotos } from '../../helpers/photos.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { writeTinyStudy } from '../../helpers/tiny_study.js';

let script: string;
let work: string;
let backbone: string;

/** The command as a user would start it, in a folder of its own. */
function start(command: string, ...args: string[]) {
  const child = spawn(process.execPath, [script, command, ...args], {
    cwd: work,
    env: { ...process.env, MAPLE_BACKEND: 'wasm' },
  });
  return { child, ...watched(child) };
}

const train = (out: string, ...args: string[]) =>
  start('train', 'photos', '--backbone', backbone, '--out', out, '--shots', '4', ...args);

async function until(what: () => boolean): Promise<void> {
  while (!what()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Of a record that is finished: all but times. */
async function figuresOf(out: string): Promise<unknown[]> {
  const records = JSON.parse(await readFile(join(work, out, 'record.json'), 'utf8')) as Record<string, unknown>[];
  return records.map(({ method, history, test: tested }) => ({ method, history, tested }));
}

beforeAll(async () => {
  script = join(await builtPackage(), 'bin', 'tfjs-maple.js');
  work = await mkdtemp(join(tmpdir(), 'train-command-'));
  backbone = (await writeTinyStudy(work)).backbone;
  const { classNames, train: examples } = tinyDataset(6);
  await writePhotos(join(work, 'photos'), classNames, examples);
  await writeFile(join(work, 'photos', 'cat', 'broken.png'), 'no picture');
}, BUILD_TIMEOUT);

afterAll(() => rm(work, { recursive: true, force: true }));

describe('tfjs-maple train', () => {
  test('shows zero-shot against tuned, says what it left out, and writes what predict takes', async () => {
    const { code, stdout, stderr } = await train('runs/it works', '--epochs', '2').ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/left out: .*broken\.png must be .*Received: something/)]);
    expect(stdout).toMatch(
      /Zero-shot and tuned[^]*Zero-shot[^]*MaPLe[^]*In percent, on \d+ test pictures of 4 classes/,
    );
    // Two epochs of a random backbone teach nothing, which comes before all else.
    expect(stdout).toMatch(/^MaPLe guesses: it ended with a loss of [^\n]* Try --shots all/);
    expect(stdout).toMatch(
      /MaPLe has .* test pictures right, .*(as many as zero-shot|within what chance can make)\.\n/,
    );
    expect(stdout).toMatch(/McNemar’s exact test/);
    expect(stdout).toContain('npx tfjs-maple predict "runs/it works" <pictures>');
    // Without a terminal, bars are plain lines.
    expect(stderr).toMatch(/tuning MaPLe {2}100% {2}8\/8 {2}epoch 2\/2/);
    // eslint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/\u001b/);

    const predicted = await start('predict', 'runs/it works', 'photos/dog', '--top', '1', '--json').ended;
    expect(predicted.code).toBe(0);
    const { pictures } = JSON.parse(predicted.stdout) as { pictures: { answers: { className: string }[] }[] };
    expect(pictures).toHaveLength(6);
    expect(['cat', 'dog', 'fox', 'owl']).toContain(pictures[0].answers[0].className);

    // The folder's other files are no records, and nobody has to be told so.
    const reported = await start('report', 'runs/it works', '--out', 'page.html').ended;
    expect({ ...reported, stdout: '' }).toEqual({ code: 0, stdout: '', stderr: '' });
    // What the page says first, its figures, and where it is.
    expect(reported.stdout).toMatch(
      /^(MaPLe|LP\+\+|MaPLe \+ LP\+\+|Zero-shot) [^]*\nphotos\n[^]*│ Zero-shot [^]*\npage\.html\n$/,
    );
  });

  test('--json prints one document and nothing else', async () => {
    const { code, stdout, stderr } = await train('json', '--epochs', '1', '--json', '--quiet').ended;
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as { records: { method: string }[]; skipped: unknown[]; model: string };
    expect(document.records.map(({ method }) => method)).toEqual(['zeroShot', 'lpPlusPlus', 'maple', 'maple']);
    expect(document.skipped).toHaveLength(1);
    expect(existsSync(join(document.model, 'model.json'))).toBe(true);
    // What was left out is told even so.
    expect(stderr).toMatch(/^left out: .*broken\.png.*\n$/);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s stops it after the batch, and --resume ends as if it had not been stopped',
    async (signal, code) => {
      const settings = ['--epochs', '20', '--batch', '4'];
      const stopped = train(signal, ...settings);
      await until(() => /epoch [4-9]\//.test(stopped.output.stderr));
      stopped.child.kill(signal);
      const { stderr, ...end } = await stopped.ended;
      expect([end.code, stderr]).toEqual([
        code,
        expect.stringMatching(/Stopped after \d+ of 20 epochs.*The state is kept in .*checkpoint: .* --resume goes on/),
      ]);
      expect(existsSync(join(work, signal, 'model'))).toBe(false);
      const predicted = await start('predict', signal, 'photos/dog').ended;
      expect([predicted.code, predicted.stderr]).toEqual([2, expect.stringContaining('a training that was stopped')]);

      const refused = await train(signal, ...settings).ended;
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Go on with it by --resume')]);
      const resumed = await train(signal, ...settings, '--resume').ended;
      expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('epoch 20/20')]);
      if (!existsSync(join(work, 'undisturbed'))) {
        expect((await train('undisturbed', ...settings).ended).code).toBe(0);
      }
      expect(await figuresOf(signal)).toEqual(await figuresOf('undisturbed'));
    },
    180_000,
  );

  test('a second Ctrl-C ends it at once', async () => {
    const stopped = train('twice', '--epochs', '500');
    await until(() => stopped.output.stderr.includes('tuning MaPLe'));
    stopped.child.kill('SIGINT');
    await until(() => stopped.output.stderr.includes('again to end at once'));
    stopped.child.kill('SIGINT');
    expect((await stopped.ended).code).toBe(130);
  });

  test.each([
    ['--shots', 'many', 'It must be an integer of 1 or more'],
    ['--method', 'magic', 'Allowed choices are'],
    ['--template', 'a photo', 'It must have {} where the class name goes'],
    ['--test-share', '1', 'It must be a number between 0 and 1'],
    ['--lr', '0', 'It must be a number above 0'],
  ])('%s %s is refused', async (flag, value, message) => {
    const { code, stdout, stderr } = await train('refused', flag, value).ended;
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    expect(existsSync(join(work, 'refused'))).toBe(false);
  });
});
