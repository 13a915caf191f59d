import { MapleError } from '../../layers/errors.js';
import type { NormalizerJson } from './text_rules.js';

/** A token that is found in a text before anything else is done with it. */
export interface AddedTokenJson {
  id: number;
  content: string;
  lstrip?: boolean;
  rstrip?: boolean;
  normalized?: boolean;
  special?: boolean;
  single_word?: boolean;
}

/** The parts of SigLIP's tokenizer.json that this library looks at; the rest is passed on as it is. */
export interface SiglipTokenizerJson {
  model: {
    type: 'Unigram' | 'BPE';
    /** Unigram: pieces and their scores, in order of their ids. BPE: pieces and their ids. */
    vocab: [string, number][] | Record<string, number>;
    unk_id?: number | null;
    unk_token?: string | null;
    dropout?: number | null;
    [field: string]: unknown;
  };
  added_tokens: AddedTokenJson[];
  normalizer: NormalizerJson | null;
  pre_tokenizer: unknown;
  post_processor: unknown;
  [field: string]: unknown;
}

/** What tokenizer_config.json, or tokenizer.json where it is silent, says of a SigLIP tokeniser. */
export interface SiglipTokenizerFacts {
  /** Whether it is transformers' SiglipTokenizer, which brings rules of its own. */
  isSiglipClass: boolean;
  /** Whether texts are to be made small letters, whatever the normalisers do. */
  lowerCase: boolean;
  endToken: string;
  padding: string;
  maxLength?: number;
  addedTokens: AddedTokenJson[];
}

type Fields = Record<string, unknown>;

const T5_MARK = /^▁?<extra_id_\d+>$/;

/** transformers writes a number like 1e30 where there is no limit. */
const NO_LIMIT = 1e9;

/** The parsed tokenizer.json, which must be a Unigram or a byte-pair model. */
export function checkTokenizerJson(json: object): SiglipTokenizerJson {
  const { model, added_tokens: added = [] } = json as Partial<SiglipTokenizerJson>;
  const isUnigram = model?.type === 'Unigram' && Array.isArray(model.vocab);
  const isPairs =
    model?.type === 'BPE' &&
    typeof model.vocab === 'object' &&
    !Array.isArray(model.vocab) &&
    Array.isArray(model.merges);
  if (!isUnigram && !isPairs) {
    throw new MapleError(
      'A SigLIP tokeniser must be a Unigram one (SigLIP) or a byte-pair one (SigLIP 2): "model" of tokenizer.json needs ' +
        `type Unigram with a list "vocab", or BPE with "vocab" and "merges". Received: type ${String(model?.type)}.`,
    );
  }
  if (model.dropout) {
    throw new MapleError(`"model.dropout" of tokenizer.json must be null. Received: ${model.dropout}.`);
  }
  const whole = added.find((token) => token.single_word);
  if (whole !== undefined) {
    throw new MapleError(
      `"added_tokens" of tokenizer.json must not ask for whole words ("single_word"). Received: "${whole.content}".`,
    );
  }
  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return withoutT5Marks({ ...absent, ...(json as SiglipTokenizerJson), added_tokens: added });
}

/**
 * The multilingual SigLIP's pieces are mT5's, which end in marks for mT5's own training. SigLIP's text tower has no
 * embeddings of them.
 */
function withoutT5Marks(json: SiglipTokenizerJson): SiglipTokenizerJson {
  const { vocab } = json.model;
  if (!Array.isArray(vocab)) {
    return json;
  }
  let size = vocab.length;
  while (size > 0 && T5_MARK.test(vocab[size - 1][0])) {
    size--;
  }
  return {
    ...json,
    model: { ...json.model, vocab: vocab.slice(0, size) },
    added_tokens: json.added_tokens.filter(({ id }) => id < size),
  };
}

/**
 * What the two files say.
 * @throws MapleError naming a field that asks for what SigLIP's towers cannot take
 */
export function readTokenizerFacts(json: SiglipTokenizerJson, config: object): SiglipTokenizerFacts {
  const fields = config as Fields;
  const className = String(fields.tokenizer_class ?? '');
  const isSiglipClass = className.startsWith('SiglipTokenizer');
  const frame = templateFrame(json.post_processor);
  refuse(fields, 'padding_side', 'left', 'right: texts are padded behind their end');
  refuse(fields, 'add_eos_token', false, 'true: texts end with an end token');
  refuse(fields, 'add_bos_token', true, 'false: texts have no start token');
  if (frame.first !== undefined && fields.add_bos_token !== false) {
    throw new MapleError(
      `A SigLIP tokeniser must put no start token before a text. Received: "${frame.first}". ` +
        'Look at "post_processor" in tokenizer.json.',
    );
  }
  const endToken = tokenText(fields.eos_token) ?? frame.last ?? (isSiglipClass ? '</s>' : undefined);
  if (endToken === undefined || (frame.last === undefined && fields.add_eos_token !== true && !isSiglipClass)) {
    throw new MapleError(
      'A SigLIP tokeniser must put an end token behind every text, by "post_processor" of tokenizer.json or by ' +
        '`eos_token` and `add_eos_token` of tokenizer_config.json. Received: neither.',
    );
  }
  const padding = tokenText(fields.pad_token) ?? paddingOf(json) ?? (isSiglipClass ? endToken : undefined);
  if (padding === undefined) {
    throw new MapleError(
      "A SigLIP tokeniser's `pad_token` must be known: the feature is read behind the padding. " +
        'Take the tokenizer_config.json that came with tokenizer.json.',
    );
  }
  const limit = fields.model_max_length;
  return {
    isSiglipClass,
    lowerCase: fields.do_lower_case === undefined ? /^(Siglip|Gemma)/.test(className) : fields.do_lower_case === true,
    endToken,
    padding,
    maxLength: typeof limit === 'number' && limit < NO_LIMIT ? limit : undefined,
    addedTokens: isSiglipClass ? addedBySiglip(fields, json, endToken, padding) : json.added_tokens,
  };
}

/** A template that puts the end token behind a text. */
export function endTemplate(content: string, id: number): object {
  const end = { SpecialToken: { id: content, type_id: 0 } };
  const part = (name: string): object => ({ Sequence: { id: name, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [part('A'), end],
    pair: [part('A'), end, part('B'), end],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  };
}

function refuse(fields: Fields, field: string, value: unknown, expected: string): void {
  if (fields[field] === value) {
    throw new MapleError(`\`${field}\` of tokenizer_config.json must be ${expected}. Received: ${String(value)}.`);
  }
}

/** A token is written as its text, or as an object that holds it. */
function tokenText(value: unknown): string | undefined {
  const content = typeof value === 'object' && value !== null ? (value as Fields).content : value;
  return typeof content === 'string' ? content : undefined;
}

/** The special tokens around a text. */
function templateFrame(processor: unknown): { first?: string; last?: string } {
  const {
    type,
    processors = [],
    single,
  } = (processor ?? {}) as { type?: string; processors?: unknown[]; single?: unknown[] };
  if (type === 'Sequence') {
    return processors.map(templateFrame).reduce((frame, part) => ({ ...frame, ...part }), {});
  }
  if (type !== 'TemplateProcessing' || !Array.isArray(single)) {
    return {};
  }
  const tokens = single.map((part) => ((part as Fields).SpecialToken as { id?: string } | undefined)?.id);
  const text = tokens.indexOf(undefined);
  return {
    ...(text > 0 && { first: tokens[0] }),
    ...(text < tokens.length - 1 && { last: tokens[tokens.length - 1] }),
  };
}

function paddingOf(json: SiglipTokenizerJson): string | undefined {
  return tokenText((json.padding as Fields | null | undefined)?.pad_token);
}

/** transformers' SiglipTokenizer takes its tokens from the configuration, and the spaces around them with them. */
function addedBySiglip(fields: Fields, json: SiglipTokenizerJson, endToken: string, padding: string): AddedTokenJson[] {
  const listed = Object.entries((fields.added_tokens_decoder ?? {}) as Record<string, Omit<AddedTokenJson, 'id'>>);
  if (listed.length > 0) {
    return listed.map(([id, token]) => ({ ...token, id: Number(id) }));
  }
  const pieces = json.model.vocab as [string, number][];
  const unknown = tokenText(fields.unk_token) ?? pieces[json.model.unk_id ?? 0][0];
  return [...new Set([endToken, padding, unknown])].flatMap((content) => {
    const id = pieces.findIndex(([piece]) => piece === content);
    return id < 0 ? [] : [{ id, content, lstrip: true, rstrip: true, normalized: false, special: true }];
  });
}
