import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fewShotDraw } from '../../../src/datasets/few_shot_draw.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/eurosat/${name}`, import.meta.url));

/** An entry of CoOp's split files. */
type Entry = [path: string, label: number, className: string];

test('the draw of the official code from EuroSAT’s split, 5 shots of seed 1, in its order', () => {
  const split = JSON.parse(String(gunzipSync(fixture('split_zhou_EuroSAT.json.gz')))) as Record<string, Entry[]>;
  // What the official code kept of its own draw.
  const official = JSON.parse(String(fixture('drawn_5_shots_seed_1.json'))) as Record<'train' | 'val', string[]>;
  const items = (part: string) => split[part].map(([path, label]) => ({ path, label }));
  const drawn = fewShotDraw({ train: items('train'), validation: items('val'), shots: 5, seed: 1 });
  expect([official.train.length, official.val.length]).toEqual([50, 40]);
  expect(drawn.train.map(({ path }) => path)).toEqual(official.train);
  expect(drawn.validation.map(({ path }) => path)).toEqual(official.val);
});
