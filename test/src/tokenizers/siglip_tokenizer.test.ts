import { describe, expect, test } from '@jest/globals';
import { Charsmap } from '../../../src/tokenizers/charsmap.js';
import { SiglipTokenizer } from '../../../src/tokenizers/siglip_tokenizer.js';
import { siglipPieces, siglipTokenizerFixture } from '../../helpers/siglip_tokenizers.js';

const siglip = siglipTokenizerFixture('siglip');
const siglip2 = siglipTokenizerFixture('siglip2');

function differing(tokenizer: SiglipTokenizer, cases: { text: string; ids: number[] }[]): string[] {
  return cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join()).map(({ text }) => text);
}

describe.each([
  ['SigLIP', siglip],
  ['SigLIP 2', siglip2],
])('the tokeniser of %s', (_, { json, config, cases }) => {
  const tokenizer = SiglipTokenizer.fromJson(json, config);

  test('gives the ids of transformers, whatever the text', () => {
    expect(cases.length).toBeGreaterThan(300);
    expect(differing(tokenizer, cases)).toEqual([]);
  });

  test('gives them again from the files it is saved as', () => {
    const files = JSON.parse(JSON.stringify(tokenizer.files)) as Record<string, object>;
    const again = SiglipTokenizer.fromJson(files['tokenizer.json'], files['tokenizer_config.json']);
    expect(differing(again, cases)).toEqual([]);
    const { endToken, padding, maxLength, vocabularySize } = tokenizer;
    expect(again).toMatchObject({ endToken, padding, maxLength, vocabularySize });
    expect(again.files).toEqual(tokenizer.files);
  });
});

describe('what a SigLIP tokeniser says of itself', () => {
  test("SigLIP's end token is its padding", () => {
    const tokenizer = SiglipTokenizer.fromJson(siglip.json, siglip.config);
    expect(tokenizer).toMatchObject({ endToken: 1, padding: 1, maxLength: 64, vocabularySize: 300 });
    expect('startToken' in tokenizer).toBe(false);
  });

  test("SigLIP 2's padding is another token", () => {
    const tokenizer = SiglipTokenizer.fromJson(siglip2.json, siglip2.config);
    const size = Object.keys((siglip2.json.model as { vocab: object }).vocab).length;
    expect(tokenizer).toMatchObject({ endToken: 1, padding: 0, maxLength: 64, vocabularySize: size });
  });

  test('the end token within a text is found there, also at its end', () => {
    const tokenizer = SiglipTokenizer.fromJson(siglip.json, siglip.config);
    expect(tokenizer.encode('a cat</s>.')).toEqual([...tokenizer.encode('a cat'), 1]);
  });
});

describe('spiece.model', () => {
  test('gives the same tokeniser as the tokenizer.json that was made of it', () => {
    const tokenizer = SiglipTokenizer.fromSentencePiece(siglipPieces(), siglip.config);
    expect(differing(tokenizer, siglip.cases)).toEqual([]);
    const { model } = tokenizer.files['tokenizer.json'] as { model: { vocab: unknown } };
    expect(model.vocab).toEqual((siglip.json.model as { vocab: unknown }).vocab);
  });

  test('needs no configuration: SigLIP has one way', () => {
    const tokenizer = SiglipTokenizer.fromSentencePiece(siglipPieces());
    expect(differing(tokenizer, siglip.cases)).toEqual([]);
    expect(tokenizer).toMatchObject({ endToken: 1, padding: 1, maxLength: undefined });
  });

  test.each([
    ['cut', siglipPieces().subarray(0, 5000), /no complete SentencePiece model: it ends too early/],
    ['empty', new Uint8Array(0), /must hold pieces.*Received: 0 pieces/],
    ['a pointer of Git LFS', new TextEncoder().encode('version https://git-lfs'), /no complete SentencePiece model/],
  ])('that is %s is refused', (_, bytes, message) => {
    expect(() => SiglipTokenizer.fromSentencePiece(bytes)).toThrow(message);
  });

  test('of another kind of model is refused', () => {
    // pieces: one, unknown; trainer_spec.model_type: 2, byte pairs
    const bytes = Uint8Array.from([0x0a, 5, 0x0a, 1, 0x61, 0x18, 2, 0x12, 2, 0x18, 2]);
    expect(() => SiglipTokenizer.fromSentencePiece(bytes)).toThrow(/must be a Unigram model.*model_type=2/);
  });
});

describe('tokenizer_config.json', () => {
  test('`do_lower_case: false` keeps capital letters of SigLIP', () => {
    const cased = SiglipTokenizer.fromJson(siglip.json, { ...siglip.config, do_lower_case: false });
    expect(cased.encode('a CAT')).not.toEqual(cased.encode('a cat'));
    expect(cased.encode('a, cat!')).toEqual(cased.encode('a cat'));
  });

  test("`do_lower_case: true` holds for Gemma's tokeniser too, as SigLIP 2's repositories have it", () => {
    const json = { ...siglip2.json, normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' } };
    const config = { ...siglip2.config, tokenizer_class: 'GemmaTokenizer', add_bos_token: false, add_eos_token: true };
    const lower = SiglipTokenizer.fromJson(json, { ...config, do_lower_case: true });
    expect(differing(lower, siglip2.cases)).toEqual([]);
    expect(differing(SiglipTokenizer.fromJson(json, config), siglip2.cases)).toEqual([]);
    const cased = SiglipTokenizer.fromJson(json, { ...config, do_lower_case: false });
    expect(cased.encode('CAT')).not.toEqual(cased.encode('cat'));
  });

  test('a number without meaning is no limit', () => {
    const config = { ...siglip2.config, model_max_length: 1e30 };
    expect(SiglipTokenizer.fromJson(siglip2.json, config).maxLength).toBeUndefined();
  });

  test('`add_eos_token` stands for a post-processor', () => {
    const json = { ...siglip2.json, post_processor: null };
    const tokenizer = SiglipTokenizer.fromJson(json, { ...siglip2.config, add_eos_token: true });
    expect(differing(tokenizer, siglip2.cases)).toEqual([]);
    expect(() => SiglipTokenizer.fromJson(json, siglip2.config)).toThrow(/must put an end token behind every text/);
  });

  test.each([
    [{ padding_side: 'left' }, /`padding_side` of tokenizer_config.json must be right.*Received: "left"/],
    [{ add_eos_token: false }, /`add_eos_token` of tokenizer_config.json must be true.*Received: false/],
    [{ add_bos_token: true }, /`add_bos_token` of tokenizer_config.json must be false.*Received: true/],
    [{ pad_token: '<none>' }, /Received: "<none>", which it does not/],
    [{ pad_token: undefined }, /`pad_token` must be known/],
    [
      { tokenizer_class: 'SiglipTokenizer' },
      /SiglipTokenizer, whose "model" .* must be of type Unigram\. Received: BPE/,
    ],
  ])('%j is refused', (fields, message) => {
    expect(() => SiglipTokenizer.fromJson(siglip2.json, { ...siglip2.config, ...fields })).toThrow(message);
  });
});

describe('tokenizer.json', () => {
  const template = { type: 'TemplateProcessing', pair: [], special_tokens: {} };
  const start = { SpecialToken: { id: '<bos>', type_id: 0 } };
  const text = { Sequence: { id: 'A', type_id: 0 } };

  test.each([
    [
      { model: { type: 'WordPiece', vocab: {} } },
      /must be a Unigram one .* or a byte-pair one .*Received: type WordPiece/,
    ],
    [{ model: undefined }, /Received: type undefined/],
    [
      { model: { ...(siglip2.json.model as object), end_of_word_suffix: '</w>' } },
      /tokeniser of another model: .*CLIP's has "<\/w>".*Take the tokenizer.json that came with the weights/,
    ],
    [{ model: { ...(siglip2.json.model as object), dropout: 0.1 } }, /"model.dropout" .* must be null. Received: 0.1/],
    [{ normalizer: { type: 'Nmt' } }, /tokenizer.json cannot be used: Unknown Normalizer type: Nmt/],
    [{ post_processor: { ...template, single: [start, text] } }, /no start token before a text. Received: "<bos>"/],
    [
      { added_tokens: [{ id: 5, content: 'cat', single_word: true }] },
      /"added_tokens" of tokenizer.json must not ask for whole words .*Received: "cat"/,
    ],
  ])('%# is refused by name', (fields, message) => {
    expect(() => SiglipTokenizer.fromJson({ ...siglip2.json, ...fields }, siglip2.config)).toThrow(message);
  });

  test('a start token that the configuration takes away is none', () => {
    const json = { ...siglip2.json, post_processor: { ...template, single: [start, text] } };
    const config = { ...siglip2.config, add_bos_token: false, add_eos_token: true };
    expect(differing(SiglipTokenizer.fromJson(json, config), siglip2.cases)).toEqual([]);
  });

  test("mT5's marks behind the multilingual SigLIP's pieces have no ids", () => {
    const model = siglip.json.model as { vocab: [string, number][] };
    const marks: [string, number][] = [1, 0].map((number) => [`▁<extra_id_${number}>`, 0]);
    const json = { ...siglip.json, model: { ...model, vocab: [...model.vocab, ...marks] } };
    expect(SiglipTokenizer.fromJson(json, siglip.config).vocabularySize).toBe(300);
  });

  test('a Unigram tokeniser of another class keeps to its own normalisers', () => {
    const json = { ...siglip.json, normalizer: { type: 'NFKC' } };
    const tokenizer = SiglipTokenizer.fromJson(json, { ...siglip.config, tokenizer_class: 'PreTrainedTokenizerFast' });
    expect(tokenizer.encode('cat!')).not.toEqual(tokenizer.encode('cat'));
  });
});

describe('Charsmap', () => {
  const table = (siglip.json.normalizer as { normalizers: { precompiled_charsmap?: string }[] }).normalizers.find(
    ({ precompiled_charsmap: encoded }) => encoded !== undefined,
  );
  const charsmap = Charsmap.fromBase64(table?.precompiled_charsmap as string);

  test.each([
    ['plain text', 'plain text'],
    ['ﬁne Ⅷ ㎏', 'fine VIII kg'],
    ['e\u0301a\u0308', 'éä'],
    ['\u3000\u00a0x\u200b', '  x '],
    ['a\u0007b\u00ad', 'ab\u00ad'],
    ['\ufeff猫🐱', ' 猫🐱'],
    ['', ''],
  ])('%j becomes %j', (from, to) => {
    expect(charsmap.apply(from)).toBe(to);
  });

  test('refuses bytes that are no table', () => {
    expect(() => new Charsmap(Uint8Array.from([255, 255, 0, 0, 1]))).toThrow(/must be a table of replacements/);
    expect(() => new Charsmap(new Uint8Array(2))).toThrow(/Received: 2 bytes/);
  });
});
