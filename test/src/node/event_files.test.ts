import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '../../../src/node/backend.js';
import { openEventFile } from '../../../src/node/event_files.js';
import { TrainingLog } from '../../../src/node/training_log.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The records of a TFRecord file: length (8 bytes), its checksum (4), the data, their checksum (4). */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    records.push(file.subarray(at + 12, at + 12 + length));
    at += 12 + length + 4;
  }
  return records;
}

test('without the native backend there is log.jsonl alone', async () => {
  await chooseBackend('wasm');
  expect(openEventFile(join(folder, 'none'))).toBeUndefined();
  const log = new TrainingLog(folder);
  expect(log.hasCurves).toBe(false);
  log.addCurves({ 'train/loss': 1 }, 1);
  log.add({ event: 'start' });
  expect(await readdir(folder)).toEqual(['log.jsonl']);
});

// Only `npm run native` makes the addon, as in test/golden.
const present =
  existsSync('node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node') ||
  process.env.MAPLE_REQUIRE_NATIVE === '1';
(present ? test : test.skip)('with it, TensorBoard finds every point by its tag and step', async () => {
  await chooseBackend('native');
  const log = new TrainingLog(folder);
  expect(log.hasCurves).toBe(true);
  log.addCurves({ 'train/loss': 0.75, 'train/learning_rate': 0.0035 }, 1);
  log.addCurves({ 'train/loss': 0.5 }, 2);
  log.add({ event: 'epoch' });

  const [name, ...others] = await readdir(join(folder, 'tensorboard'));
  expect([name, others]).toEqual([expect.stringMatching(/^events\.out\.tfevents\./), []]);
  const records = recordsOf(await readFile(join(folder, 'tensorboard', name)));
  expect(records[0].includes('brain.Event:2')).toBe(true);
  const of = (tag: string) => records.filter((record) => record.includes(tag));
  expect([of('train/loss'), of('train/learning_rate')].map(({ length }) => length)).toEqual([2, 1]);
  const value = (number: number) => Buffer.from(new Float32Array([number]).buffer);
  expect(of('train/loss').map((record) => [record.includes(value(0.75)), record.includes(value(0.5))])).toEqual([
    [true, false],
    [false, true],
  ]);
  expect((await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
});
