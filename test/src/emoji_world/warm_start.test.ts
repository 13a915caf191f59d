import { afterEach, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { TokenBackbone } from '../../../src/backbone/backbone.js';
import { buildTowers, readTowers } from '../../../src/clip/build_towers.js';
import { startFrom } from '../../../src/emoji_world/warm_start.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { tinyBackbone, tinyTokenizer } from '../../helpers/tiny_clip.js';
import { tinySiglip, tinySiglipConfig } from '../../helpers/tiny_siglip.js';

const TOKENS = 'text/token_embedding/embeddings';
const POSITIONS = 'vision/positions/positions';
const WORDS = ['a', 'photo of', 'x'];

beforeAll(async () => {
  await chooseBackend('wasm');
});
afterEach(() => tf.disposeVariables());

/** Towers of SigLIP's form before and after, and what was taken over. */
async function started(from: TokenBackbone) {
  const towers = buildTowers(tinySiglipConfig());
  const before = await readTowers(towers);
  const taken = await startFrom(towers, (await tinySiglip()).tokenizer, from, WORDS);
  const after = await readTowers(towers);
  const row = (table: Float32Array | undefined, id: number) => table?.slice(id * 24, (id + 1) * 24);
  return { taken, before, after, row };
}

test.each([
  ["CLIP's form", tinyBackbone],
  ['the same form', tinySiglip],
])('words of one token are taken over from %s, others stay as they were drawn', async (_, make) => {
  const from = await make();
  const { taken, before, after, row } = await started(from);
  expect(taken).toContain(TOKENS);
  expect(taken.filter((name) => name.startsWith('logits/'))).toEqual([]);
  const words = await tinyTokenizer();
  const [drawn, theirs, ours] = [before.get(TOKENS), await from.weights.read(TOKENS), after.get(TOKENS)];
  expect(ours?.shape).toEqual([560, 24]);
  for (const [letter, source] of [
    ['a', theirs],
    ['x', theirs],
    ['b', drawn],
  ] as const) {
    const [, id] = words.encode(letter);
    expect(row(ours?.values, id)).toEqual(row(source?.values, id));
    expect(row(drawn?.values, id)).not.toEqual(row(theirs.values, id));
  }
});

test("patches keep their positions, without the class token's", async () => {
  const from = await tinyBackbone();
  const { after, taken } = await started(from);
  expect(taken).toContain(POSITIONS);
  const { shape, values } = await from.weights.read(POSITIONS);
  expect(after.get(POSITIONS)).toEqual({ shape: [shape[0] - 1, shape[1]], values: values.slice(shape[1]) });
  expect(taken).not.toContain('vision/pool/probe');
});
