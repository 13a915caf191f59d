import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import type { AddedTokenJson, SiglipTokenizerJson } from './siglip_tokenizer_json.js';

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

/** transformers writes a number like 1e30 where there is no limit. */
const NO_LIMIT = 1e9;

/**
 * What the two files say.
 * @throws MapleError naming a field that asks for what SigLIP's towers cannot take
 */
export function readTokenizerFacts(json: SiglipTokenizerJson, config: object): SiglipTokenizerFacts {
  const fields = config as Fields;
  const className = String(fields.tokenizer_class ?? '');
  const isSiglipClass = className.startsWith('SiglipTokenizer');
  if (isSiglipClass && json.model.type !== 'Unigram') {
    throw new MapleError(
      `\`tokenizer_class\` of tokenizer_config.json is ${className}, whose "model" in tokenizer.json must be of type ` +
        `Unigram. Received: ${json.model.type}. Take the two files of the same model.`,
    );
  }
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
    lowerCase: (fields.do_lower_case ?? /^(Siglip|Gemma)/.test(className)) === true,
    endToken,
    padding,
    maxLength: typeof limit === 'number' && limit < NO_LIMIT ? limit : undefined,
    addedTokens: isSiglipClass ? addedBySiglip(fields, json, endToken, padding) : json.added_tokens,
  };
}

function refuse(fields: Fields, field: string, value: unknown, expected: string): void {
  if (fields[field] === value) {
    throw new MapleError(`\`${field}\` of tokenizer_config.json must be ${expected}. Received: ${shown(value)}.`);
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
