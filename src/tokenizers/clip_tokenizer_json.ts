import { MapleError } from '../../layers/errors.js';

/** The byte-pair model inside a Hugging Face tokenizer.json. */
export interface BytePairModel {
  type?: string;
  vocab: Record<string, number>;
  /** In order of rank; older files write a pair as one string with a space. */
  merges: ([string, string] | string)[];
  [field: string]: unknown;
}

/** The parts of a Hugging Face tokenizer.json that this library looks at; the rest is passed on as it is. */
export interface TokenizerJson {
  model: BytePairModel;
  added_tokens: { id: number; content: string; [field: string]: unknown }[];
  post_processor: unknown;
  [field: string]: unknown;
}

/** Pairs that OpenAI's tokeniser uses of its file of 262,144: 49,408 ids less 512 byte tokens and 2 special ones. */
const MERGE_COUNT = 49408 - 2 * 256 - 2;

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const WORD_END = '</w>';

/**
 * For other readers of the file: what the original does with ftfy and html.unescape before it tokenises, as far as a list
 * of replacements can say it: the entities that captions do hold (twice escaped ones too), typographic quotes and Latin
 * ligatures. ClipTokenizer cleans texts itself, in full, when a file has these rules.
 */
const CLEANING: [pattern: { String: string } | { Regex: string }, content: string][] = [
  [{ String: '&amp;' }, '&'],
  [{ String: '&lt;' }, '<'],
  [{ String: '&gt;' }, '>'],
  [{ String: '&quot;' }, '"'],
  [{ Regex: '&(?:apos|#39|#x27);' }, "'"],
  [{ Regex: '&(?:nbsp|#160);' }, ' '],
  [{ Regex: '[\u02bc\u2018-\u201b]' }, "'"],
  [{ Regex: '[\u201c-\u201f]' }, '"'],
  [{ String: '\ufb00' }, 'ff'],
  [{ String: '\ufb01' }, 'fi'],
  [{ String: '\ufb02' }, 'fl'],
  [{ String: '\ufb03' }, 'ffi'],
  [{ String: '\ufb04' }, 'ffl'],
];

/** CLIP's way to cut a text in words: contractions, runs of letters, single digits, runs of anything else but space. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

const NORMALIZER = {
  type: 'Sequence',
  normalizers: [
    ...CLEANING.map(([pattern, content]) => ({ type: 'Replace', pattern, content })),
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Lowercase' },
  ],
};

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };

const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true }, BYTE_LEVEL],
};

/** Whether a tokenizer.json is one of this library's, made from CLIP's own files: its texts are then cleaned in full. */
export function hasClipRules({ normalizer, pre_tokenizer: preTokenizer }: TokenizerJson): boolean {
  return (
    JSON.stringify(normalizer) === JSON.stringify(NORMALIZER) &&
    JSON.stringify(preTokenizer) === JSON.stringify(PRE_TOKENIZER)
  );
}

/** The tokenizer.json for words that are cleaned and cut already. */
export function forCutWords(json: TokenizerJson): TokenizerJson {
  return { ...json, normalizer: null, pre_tokenizer: BYTE_LEVEL };
}

/**
 * The tokenizer.json of CLIP, from OpenAI's file of merges (bpe_simple_vocab_16e6.txt, a version line and one merge a
 * line).
 * @throws MapleError when the text holds too few merges or a line is not a pair
 */
export function tokenizerJsonFromMerges(mergesText: string): TokenizerJson {
  const merges = parseMerges(mergesText, MERGE_COUNT);
  if (merges.length !== MERGE_COUNT) {
    throw new MapleError(
      `CLIP's merges file must hold a version line and at least ${MERGE_COUNT} merges. Received: ${merges.length} merges. ` +
        'Is it bpe_simple_vocab_16e6.txt, unpacked and complete?',
    );
  }
  const bytes = byteCharacters();
  const made = merges.map(([left, right]) => left + right);
  const tokens = [...bytes, ...bytes.map((byte) => byte + WORD_END), ...made, START, END];
  return bytePairTokenizerJson(Object.fromEntries(tokens.map((token, id) => [token, id])), merges);
}

/**
 * The tokenizer.json of a CLIP whose tokeniser is stored as vocab.json (tokens and their ids) and merges.txt.
 * @throws MapleError when the two do not belong together, or the start or end token is missing
 */
export function tokenizerJsonFromVocabulary(vocabulary: Record<string, number>, mergesText: string): TokenizerJson {
  for (const token of [START, END]) {
    if (!Object.hasOwn(vocabulary, token)) {
      throw new MapleError(`vocab.json of a CLIP tokeniser must hold "${token}". Is this the file of a CLIP model?`);
    }
  }
  const ids = Object.values(vocabulary);
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0);
  if (wrong !== undefined || new Set(ids).size !== ids.length) {
    throw new MapleError(
      `vocab.json must give every token a whole number of its own. Received: ${wrong ?? 'an id that two tokens share'}.`,
    );
  }
  const merges = parseMerges(mergesText);
  for (const [index, [left, right]] of merges.entries()) {
    const absent = [left, right, left + right].find((token) => !Object.hasOwn(vocabulary, token));
    if (absent !== undefined) {
      throw new MapleError(
        `Every merge must make a token of vocab.json from two others. Received: merge ${index + 1}, "${left} ${right}", ` +
          `but there is no "${absent}". Take vocab.json and merges.txt of the same model.`,
      );
    }
  }
  return bytePairTokenizerJson(vocabulary, merges);
}

function bytePairTokenizerJson(vocab: Record<string, number>, merges: [string, string][]): TokenizerJson {
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: vocab[START], content: START, ...special },
      { id: vocab[END], content: END, ...special },
    ],
    normalizer: NORMALIZER,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: {
      type: 'RobertaProcessing',
      cls: [START, vocab[START]],
      sep: [END, vocab[END]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: WORD_END,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
}

/** A version line may come first; empty lines count for nothing. */
function parseMerges(text: string, most = Infinity): [string, string][] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines
    .filter(({ line, number }) => line !== '' && !(number === 1 && line.includes('#version')))
    .slice(0, most)
    .map(({ line, number }) => parseMerge(line, number));
}

function parseMerge(line: string, lineNumber: number): [string, string] {
  const parts = line.split(' ');
  if (parts.length !== 2) {
    throw new MapleError(
      `Line ${lineNumber} of CLIP's merges file must be two tokens with a space between. Received: "${line}".`,
    );
  }
  return [parts[0], parts[1]];
}

/** A printable character for each byte, in OpenAI's order: the printable bytes as themselves, then the others. */
function byteCharacters(): string[] {
  const printable = [...range(0x21, 0x7e), ...range(0xa1, 0xac), ...range(0xae, 0xff)];
  const others = range(0, 0xff).filter((byte) => !printable.includes(byte));
  return [...printable, ...others.map((_, index) => 256 + index)].map((code) => String.fromCharCode(code));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
