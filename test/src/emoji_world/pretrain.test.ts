import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { readTowers } from '../../../src/clip/build_towers.js';
import { pretrain, type CurveLine } from '../../../src/emoji_world/pretrain.js';
import { chooseBackend } from '../../../src/node/backend.js';

const SETTINGS = {
  steps: 4,
  interval: 2,
  batchSize: 3,
  warmup: 1,
  styles: ['fxemoji'],
  checkGroup: 'flags',
} as const;

describe('pretrain', () => {
  let folder: string;

  beforeEach(async () => {
    await chooseBackend('wasm');
    folder = await mkdtemp(join(tmpdir(), 'maple-pretrain-'));
  });

  afterEach(async () => {
    tf.disposeVariables();
    await rm(folder, { recursive: true });
  });

  test.each(['clip', 'siglip'] as const)(
    'goes on after a stop exactly as if there had been none: %s',
    async (form) => {
      const settings = { ...SETTINGS, architecture: form };
      const whole = await pretrain({ ...settings, folder: join(folder, 'whole') });
      const expected = await readTowers(whole.towers);

      const broken = join(folder, 'broken');
      const stop = new Error('stopped');
      const onStep = (step: number): void => {
        if (step === 3) throw stop;
      };
      await expect(pretrain({ ...settings, folder: broken, onStep })).rejects.toBe(stop);
      const resumed: number[] = [];
      const { towers } = await pretrain({ ...settings, folder: broken, onStep: (step) => resumed.push(step) });
      expect(resumed).toEqual([3, 4]);

      const found = await readTowers(towers);
      expect([...found.keys()]).toEqual([...expected.keys()]);
      for (const [name, { values }] of found) {
        // Jest compares millions of values one by one, for minutes.
        expect([name, bytes(values).equals(bytes(expected.get(name)?.values))]).toEqual([name, true]);
      }
      const curve = (await readFile(join(broken, 'curve.jsonl'), 'utf8')).trim().split('\n');
      const lines = curve.map((line) => JSON.parse(line) as CurveLine);
      expect(lines.map(({ step }) => step)).toEqual([2, 4]);
      expect(lines.every(({ loss, validationStyle }) => Number.isFinite(loss) && validationStyle <= 1)).toBe(true);
    },
    180_000,
  );

  test('refuses to see a held-out style', async () => {
    await expect(pretrain({ ...SETTINGS, folder, styles: ['noto'] })).rejects.toThrow(
      /"noto", which is to stay unseen/,
    );
  });
});

function bytes(values: Float32Array | undefined): Buffer {
  return values === undefined ? Buffer.alloc(0) : Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
