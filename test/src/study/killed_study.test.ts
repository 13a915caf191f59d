import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentRecord } from '../../../src/evaluation/record.js';
import { BUILD_TIMEOUT, builtPackage } from '../../helpers/built_package.js';
import { writeTinyStudy, type TinyStudy } from '../../helpers/tiny_study.js';

const CELLS = 6;

let folder: string;
let script: string;
let study: TinyStudy;

/** The study as a user would start it. */
function start(
  records: string,
  jobs = 1,
): { child: ChildProcess; stderr: () => string; ended: Promise<number | null> } {
  const flags = { folder: records, jobs, seeds: '1', methods: 'zeroShot,vpt,maple', ...pick() };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [script, 'base-to-new', ...args], {
    env: { ...process.env, MAPLE_BACKEND: 'wasm' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return { child, stderr: () => stderr, ended: once(child, 'close').then(([code]) => code as number | null) };
}

function pick(): { data: string; backbone: string } {
  return { data: study.data, backbone: study.backbone };
}

/** Every record by its file's name, without what differs from run to run. */
async function recordsIn(path: string): Promise<Record<string, Partial<ExperimentRecord>>> {
  const records: Record<string, Partial<ExperimentRecord>> = {};
  for (const name of (await readdir(path)).sort()) {
    const { trainSeconds, testSeconds, finished, ...rest } = JSON.parse(await readFile(join(path, name), 'utf8'));
    expect([trainSeconds, testSeconds, finished]).toEqual([expect.any(Number), expect.any(Number), expect.any(String)]);
    records[name] = rest;
  }
  return records;
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeAll(async () => {
  script = join(await builtPackage(), 'bin', 'tfjs-maple.js');
  folder = await mkdtemp(join(tmpdir(), 'study-'));
  study = await writeTinyStudy(folder);
}, BUILD_TIMEOUT);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a study', () => {
  test('killed in the middle of a cell and started again has the records of an undisturbed one', async () => {
    const undisturbed = start(join(folder, 'undisturbed'), 2);
    expect([await undisturbed.ended, undisturbed.stderr()]).toEqual([
      0,
      expect.stringContaining(`[${CELLS}/${CELLS}]`),
    ]);
    await rm(study.pids);

    const records = join(folder, 'killed');
    const killed = start(records);
    await until(() => killed.stderr().includes(`[2/${CELLS}]`));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const done = (await readdir(records)).length;
    expect(done).toBeGreaterThanOrEqual(2);
    expect(done).toBeLessThan(CELLS);
    const processes = (await readFile(study.pids, 'utf8')).trim().split('\n').map(Number);
    await until(() => !processes.some(lives));

    const again = start(records);
    expect([await again.ended, again.stderr()]).toEqual([
      0,
      expect.stringContaining(`${CELLS} cells: ${done} have a record, ${CELLS - done} to run`),
    ]);
    expect(await recordsIn(records)).toEqual(await recordsIn(join(folder, 'undisturbed')));
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it and its processes, and says how to go on', async (signal, code) => {
    await rm(study.pids, { force: true });
    const stopped = start(join(folder, signal));
    await until(() => existsSync(study.pids) && stopped.stderr().includes('[1/'));
    stopped.child.kill(signal);
    expect([await stopped.ended, stopped.stderr()]).toEqual([
      code,
      expect.stringContaining('run the same command again'),
    ]);
    const processes = (await readFile(study.pids, 'utf8')).trim().split('\n').map(Number);
    // They have been told to end; when they have is the machine's to say.
    await until(() => !processes.some(lives));
  });

  test('a record that cannot be read is set aside, one of other settings is an error that names it', async () => {
    const records = join(folder, 'undisturbed');
    const [first, second] = (await readdir(records)).sort().map((name) => join(records, name));
    const whole = await readFile(first, 'utf8');
    await writeFile(first, whole.slice(0, 100));
    const again = start(records);
    expect([await again.ended, again.stderr()]).toEqual([0, expect.stringContaining(`it is ${first}.damaged now`)]);
    const { trainSeconds: a, testSeconds: b, finished: c, ...before } = JSON.parse(whole);
    expect([a, b, c]).toEqual([expect.any(Number), expect.any(Number), expect.any(String)]);
    expect(JSON.parse(await readFile(first, 'utf8'))).toEqual(expect.objectContaining(before));

    const other = JSON.parse(await readFile(second, 'utf8')) as ExperimentRecord;
    await writeFile(second, JSON.stringify({ ...other, seed: 9 }));
    const refused = start(records);
    expect([await refused.ended, refused.stderr()]).toEqual([
      2,
      expect.stringContaining(`${second} is a record of something else: its \`seed\` is 9, not 1.`),
    ]);
  });
});
