import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ClipTokenizer } from '../../../src/tokenizers/clip_tokenizer.js';
import { pruneTokenizer } from '../../../src/tokenizers/clip_tokenizer_pruning.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fixturePath, readJsonFixture, readOwnFixture } from '../../helpers/fixtures.js';

interface TokenizerFixture {
  start: number;
  end: number;
  cases: { text: string; ids: number[] }[];
}

const golden = readJsonFixture<TokenizerFixture>('tokenizer.json');
const merges = gunzipSync(readFileSync(fixturePath('clip-bpe-merges.txt.gz'))).toString('utf8');
const generated = readOwnFixture<{ text: string; ids: number[] }[]>('tokenizer_cases', 'cases.json');
let tokenizer: ClipTokenizer;

beforeAll(() => {
  tokenizer = ClipTokenizer.fromMerges(merges);
});

describe('ClipTokenizer', () => {
  test('has start and end as the two highest ids', () => {
    expect([tokenizer.startToken, tokenizer.endToken, tokenizer.vocabularySize]).toEqual([
      golden.start,
      golden.end,
      golden.end + 1,
    ]);
  });

  test('gives the ids of OpenAI for generated texts, whatever is wrong with them', () => {
    expect(generated.length).toBeGreaterThan(300);
    const others = generated.filter(({ text, ids }) => tokenizer.encode(text).slice(1, -1).join() !== ids.join());
    expect(others.map(({ text }) => text)).toEqual([]);
  });

  test('cuts the same pieces as it encodes', () => {
    expect(tokenizer.tokenize('Caf\u00c3\u00a9 &amp;amp; DON\u2019T')).toEqual([
      'caf\u00c3\u00a9</w>',
      '&</w>',
      'don</w>',
      "'t</w>",
    ]);
  });

  test("reads special tokens within a text as CLIP's code does", () => {
    expect(tokenizer.encode('a <|ENDOFTEXT|> &lt;|startoftext|&gt;').slice(1, -1)).toEqual([320, 49407, 49406]);
  });

  test('comes from vocab.json and merges.txt, with the same ids', () => {
    const { vocab, merges: pairs } = tokenizer.json.model;
    const text = ['#version: 0.2', ...(pairs as [string, string][]).map((pair) => pair.join(' ')), ''].join('\n');
    const slow = ClipTokenizer.fromVocabularyAndMerges(vocab, text);
    expect(slow.json).toEqual(tokenizer.json);
    expect(slow.encode(generated[0].text)).toEqual(tokenizer.encode(generated[0].text));
  });

  const few = { a: 0, b: 1, 'b</w>': 2, '<|startoftext|>': 3, '<|endoftext|>': 4 };
  test.each([
    ['no end token', { a: 0, '<|startoftext|>': 1 }, '', /must hold "<\|endoftext\|>"/],
    ['an id twice', { ...few, c: 2 }, '', /an id that two tokens share/],
    ['an id that is no number', { ...few, c: 1.5 }, '', /whole number of its own\. Received: 1\.5/],
    ['merges of another model', few, '#version: 0.2\na b', /merge 1, "a b", but there is no "ab"/],
    ['a line of one', few, '#version: 0.2\nab', /Line 2 .* must be two tokens/],
  ])('refuses a vocabulary with %s', (_, vocabulary, text, message) => {
    expect(() => ClipTokenizer.fromVocabularyAndMerges(vocabulary as Record<string, number>, text)).toThrow(message);
  });

  test("takes another's tokenizer.json at its word", () => {
    const json = JSON.parse(JSON.stringify(tokenizer.json)) as typeof tokenizer.json;
    json.normalizer = { type: 'Lowercase' };
    const plain = ClipTokenizer.fromJson(json);
    expect(plain.encode('a photo')).toEqual(tokenizer.encode('a photo'));
    expect(plain.encode('R&amp;D')).not.toEqual(tokenizer.encode('R&amp;D'));
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

describe('loadClipTokenizer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('reads each form of file, and a folder of them', async () => {
    const small = pruneTokenizer(tokenizer, ['a photo of a cat.']);
    const { vocab, merges: pairs } = small.json.model;
    await writeFile(join(folder, 'vocab.json'), JSON.stringify(vocab));
    await writeFile(join(folder, 'merges.txt'), (pairs as [string, string][]).map((pair) => pair.join(' ')).join('\n'));
    expect((await loadClipTokenizer(folder)).encode('a cat')).toEqual(small.encode('a cat'));
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer.json));
    expect((await loadClipTokenizer(folder)).vocabularySize).toBe(49408);
    expect((await loadClipTokenizer(join(folder, 'tokenizer.json'))).json).toEqual(tokenizer.json);
    expect((await loadClipTokenizer(fixturePath('clip-bpe-merges.txt.gz'))).json).toEqual(tokenizer.json);
    await writeFile(join(folder, 'unpacked.txt'), merges);
    expect((await loadClipTokenizer(join(folder, 'unpacked.txt'))).json).toEqual(tokenizer.json);
  });

  test('names the file that is wrong', async () => {
    await mkdir(join(folder, 'empty'));
    await writeFile(join(folder, 'list.json'), '[]');
    await writeFile(join(folder, 'broken.json'), '{');
    await expect(loadClipTokenizer(join(folder, 'none'))).rejects.toThrow(/none cannot be read: ENOENT/);
    await expect(loadClipTokenizer(join(folder, 'empty'))).rejects.toThrow(/empty must hold tokenizer\.json, or vocab/);
    await expect(loadClipTokenizer(join(folder, 'list.json'))).rejects.toThrow(
      /list\.json: It must hold a JSON object/,
    );
    await expect(loadClipTokenizer(join(folder, 'broken.json'))).rejects.toThrow(/broken\.json: .*JSON/);
    await expect(loadClipTokenizer(join(folder, 'merges.txt'))).rejects.toThrow(/merges\.txt: .*at least 48894 merges/);
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
