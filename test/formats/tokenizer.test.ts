import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ClipTokenizer } from '../../src/tokenizers/clip_tokenizer.js';
import { loadClipTokenizer } from '../../src/node/clip_tokenizer.js';
import { fixturePath, readJsonFixture } from '../helpers/fixtures.js';

interface TokenizerFixture {
  start: number;
  end: number;
  cases: { text: string; ids: number[] }[];
}

const { start, end, cases } = readJsonFixture<TokenizerFixture>('tokenizer.json');

describe.each([
  ['the tokeniser that comes with the package', undefined],
  ["OpenAI's file of byte pairs", fixturePath('clip-bpe-merges.txt.gz')],
])('%s', (_, path) => {
  let tokenizer: ClipTokenizer;
  beforeAll(async () => {
    tokenizer = await loadClipTokenizer(path);
  });

  test.each(cases)('gives the ids of CLIP for "$text"', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('has its start and end token', () => {
    expect([tokenizer.startToken, tokenizer.endToken]).toEqual([start, end]);
  });
});
