import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ClipTokenizer } from '../../../src/clip/tokenizer.js';
import { pruneTokenizer } from '../../../src/clip/tokenizer_pruning.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fixturePath, readJsonFixture } from '../../helpers/fixtures.js';

interface TokenizerFixture {
  start: number;
  end: number;
  cases: { text: string; ids: number[] }[];
}

const golden = readJsonFixture<TokenizerFixture>('tokenizer.json');
const merges = gunzipSync(readFileSync(fixturePath('clip-bpe-merges.txt.gz'))).toString('utf8');
let tokenizer: ClipTokenizer;

beforeAll(() => {
  tokenizer = ClipTokenizer.fromMerges(merges);
});

describe('ClipTokenizer', () => {
  test.each(golden.cases)('gives the ids of OpenAI for "$text"', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('has start and end as the two highest ids', () => {
    expect([tokenizer.startToken, tokenizer.endToken, tokenizer.vocabularySize]).toEqual([
      golden.start,
      golden.end,
      golden.end + 1,
    ]);
  });

  test('comes back from its JSON text, older string merges included', () => {
    const json = JSON.parse(JSON.stringify(tokenizer.json)) as typeof tokenizer.json;
    json.model.merges = json.model.merges.map((merge) => (merge as [string, string]).join(' '));
    const again = ClipTokenizer.fromJson(json);
    expect(golden.cases.map(({ text }) => again.encode(text))).toEqual(golden.cases.map(({ ids }) => ids));
  });

  test('comes with the package', async () => {
    const own = await loadClipTokenizer();
    expect(own.json).toEqual(tokenizer.json);
  });

  test.each([
    ['an empty file', '', /at least 48894 merges. Received: 0 merges/],
    ['a file cut short', merges.slice(0, 1000), /must be two tokens|Received: \d+ merges/],
    ['a line of three', merges.replace('\ni n\n', '\ni n x\n'), /Line 2 .* must be two tokens .* "i n x"/],
  ])('refuses merges from %s', (_, text, message) => {
    expect(() => ClipTokenizer.fromMerges(text)).toThrow(message);
  });

  test.each([
    ['something else', {}, /must be a byte-pair one/],
    ['a word-piece model', { model: { type: 'WordPiece', vocab: {} } }, /Received: type WordPiece/],
  ])('refuses %s', (_, json, message) => {
    expect(() => ClipTokenizer.fromJson(json)).toThrow(message);
  });

  test('refuses a tokeniser that adds no start and end token', () => {
    expect(() => ClipTokenizer.fromJson({ ...tokenizer.json, post_processor: null })).toThrow(
      /Received: 0 tokens for the empty text/,
    );
  });

  test('refuses an end token that is not the highest', () => {
    const json = JSON.parse(JSON.stringify(tokenizer.json)) as typeof tokenizer.json;
    json.added_tokens.push({ id: 50000, content: '<more>', special: true });
    expect(() => ClipTokenizer.fromJson(json)).toThrow(/highest id. Received: 49407 of 50001/);
  });
});

describe('pruneTokenizer', () => {
  const texts = golden.cases.map(({ text }) => text);

  test('keeps the pieces of every given text, in few ids without gaps', () => {
    const small = pruneTokenizer(tokenizer, texts);
    for (const text of texts) {
      expect(small.tokenize(text)).toEqual(tokenizer.tokenize(text));
      expect(Math.max(...small.encode(text))).toBe(small.endToken);
    }
    const ids = Object.values(small.json.model.vocab).sort((one, other) => one - other);
    expect(ids).toEqual(ids.map((_, index) => index));
    expect(small.vocabularySize).toBe(ids.length);
    expect(small.startToken).toBe(ids.length - 2);
    expect(small.endToken).toBe(ids.length - 1);
    expect(ids.length).toBe(514 + small.json.model.merges.length);
    expect(ids.length).toBeLessThan(1200);
  });

  test('still tokenises a text it was not given, without an unknown token', () => {
    const small = pruneTokenizer(tokenizer, ['a photo of a cat.']);
    const word = small.tokenize('zebra 馬');
    expect(word.join('')).toBe(tokenizer.tokenize('zebra 馬').join(''));
    expect(small.encode('zebra 馬').slice(1, -1)).not.toContain(small.endToken);
  });

  test('of nothing leaves the byte tokens', () => {
    expect(pruneTokenizer(tokenizer, []).vocabularySize).toBe(514);
  });

  test('renumbers the special tokens of a template post-processor', () => {
    const special = (content: string, id: number): object => ({ id: content, ids: [id], tokens: [content] });
    const withTemplate = ClipTokenizer.fromJson({
      ...tokenizer.json,
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '<|startoftext|>', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '<|endoftext|>', type_id: 0 } },
        ],
        pair: [],
        special_tokens: {
          '<|startoftext|>': special('<|startoftext|>', 49406),
          '<|endoftext|>': special('<|endoftext|>', 49407),
        },
      },
    });
    const small = pruneTokenizer(withTemplate, texts);
    const reference = pruneTokenizer(tokenizer, texts);
    expect(small.encode(texts[0])).toEqual(reference.encode(texts[0]));
    const processor = small.json.post_processor as { special_tokens: Record<string, { ids: number[] }> };
    expect(processor.special_tokens['<|endoftext|>'].ids).toEqual([reference.endToken]);
  });
});
