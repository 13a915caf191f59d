import { Tokenizer } from '@huggingface/tokenizers';
import { MapleError } from '../../layers/errors.js';
import { readSentencePieceModel, tokenizerJsonFromSentencePiece } from './sentencepiece_model.js';
import { readTokenizerFacts } from './siglip_tokenizer_config.js';
import type { SiglipTokenizerFacts } from './siglip_tokenizer_config.js';
import { checkTokenizerJson, endTemplate } from './siglip_tokenizer_json.js';
import type { AddedTokenJson, SiglipTokenizerJson } from './siglip_tokenizer_json.js';
import type { StoredTokenizer } from './stored_tokenizer.js';
import { canonicalRule, canonicalRulesJson, charsmapOf, flatRules, PUNCTUATION, textRule } from './text_rules.js';
import type { TextRule } from './text_rules.js';

/**
 * SigLIP's and SigLIP 2's tokeniser: text to ids of pieces, an end token after, none before.
 *
 * SigLIP's pieces are a SentencePiece Unigram model's (32,000, the end token `</s>` is the padding too), and texts become
 * small letters without punctuation, as in transformers' SiglipTokenizer. SigLIP 2's are Gemma's byte pairs (256,000,
 * `<eos>` and `<pad>`) of small letters, as in transformers' Siglip2Tokenizer. The feature of a text is read at the last
 * position of the padded text, so the padding matters.
 */
export class SiglipTokenizer implements StoredTokenizer {
  readonly endToken: number;
  /** Id that stands behind the end token until the text tower's context is full. */
  readonly padding: number;
  readonly vocabularySize: number;
  readonly maxLength?: number;
  /** tokenizer.json and tokenizer_config.json, in a form that transformers' AutoTokenizer reads by itself. */
  readonly files: Readonly<Record<string, object>>;
  private readonly tokenizer: Tokenizer;
  private readonly rule: TextRule;
  /** Whether SigLIP's own rules hold: then a space begins the text, and no part of it behind a special token. */
  private readonly canonical: boolean;
  /** Tokens that are found in a text before it is normalised. */
  private readonly special: ReadonlyMap<string, number>;
  private readonly specialPattern: RegExp | undefined;

  private constructor(json: SiglipTokenizerJson, facts: SiglipTokenizerFacts) {
    const rules = flatRules(json.normalizer);
    const lowerCase = canonicalCase(json, facts);
    this.canonical = lowerCase !== undefined;
    const lowers = rules.some(({ type }) => type === 'Lowercase');
    const lowered = facts.lowerCase && !lowers ? [{ type: 'Lowercase' }, ...rules] : rules;
    this.rule = lowerCase === undefined ? textRule(lowered) : canonicalRule(lowerCase, charsmapOf(rules));
    const before = facts.addedTokens.filter(({ normalized }) => !normalized);
    this.special = new Map(before.map(({ content, id }) => [content, id]));
    this.specialPattern = before.length === 0 ? undefined : patternOf(before);
    const after = facts.addedTokens.filter(({ normalized }) => normalized);
    this.tokenizer = new Tokenizer(
      {
        ...json,
        normalizer: null,
        pre_tokenizer: this.canonical ? null : json.pre_tokenizer,
        post_processor: null,
        added_tokens: after.map((token) => ({ ...token, content: this.rule(token.content), normalized: false })),
      },
      {},
    );
    this.endToken = this.idOf(facts.endToken);
    this.padding = this.idOf(facts.padding);
    this.maxLength = facts.maxLength;
    this.vocabularySize = 1 + highestId(json, facts.addedTokens);
    const normalizer =
      lowerCase === undefined ? { type: 'Sequence', normalizers: lowered } : canonicalRulesJson(lowerCase, rules);
    this.files = filesOf(json, facts, normalizer, lowerCase ?? facts.lowerCase, this.endToken);
  }

  /**
   * From a parsed Hugging Face tokenizer.json.
   * @param json - the content of tokenizer.json
   * @param config - the content of tokenizer_config.json, where there is one
   * @throws MapleError when it is neither a Unigram nor a byte-pair tokeniser, has no end token or a start token, or asks
   * for what is not supported
   */
  static fromJson(json: object, config: object = {}): SiglipTokenizer {
    try {
      const checked = checkTokenizerJson(json);
      return new SiglipTokenizer(checked, readTokenizerFacts(checked, config));
    } catch (error) {
      if (error instanceof MapleError) {
        throw error;
      }
      throw new MapleError(`tokenizer.json cannot be used: ${(error as Error).message}`, { cause: error });
    }
  }

  /**
   * From the bytes of spiece.model, the SentencePiece file that transformers' SiglipTokenizer reads.
   * @param bytes - the content of spiece.model
   * @param config - the content of tokenizer_config.json, where there is one
   * @throws MapleError when it is no complete Unigram model, or the configuration asks for what is not supported
   */
  static fromSentencePiece(bytes: Uint8Array, config: object = {}): SiglipTokenizer {
    const json = tokenizerJsonFromSentencePiece(readSentencePieceModel(bytes));
    return SiglipTokenizer.fromJson(json, { ...config, tokenizer_class: 'SiglipTokenizer' });
  }

  /** Ids of a text, the end token included, neither padded nor cut. */
  encode(text: string): number[] {
    const ids: number[] = [];
    let from = 0;
    for (const match of this.specialPattern === undefined ? [] : text.matchAll(this.specialPattern)) {
      ids.push(...this.pieces(text.slice(from, match.index), from === 0));
      ids.push(this.special.get(match.slice(1).find((token) => token !== undefined) as string) as number);
      from = match.index + match[0].length;
    }
    ids.push(...this.pieces(text.slice(from), from === 0));
    return [...ids, this.endToken];
  }

  private pieces(text: string, isStart: boolean): number[] {
    const plain = this.rule(text);
    if (plain === '') {
      return [];
    }
    const input = this.canonical ? (isStart ? '▁' : '') + plain.replaceAll(' ', '▁') : plain;
    return this.tokenizer.encode(input).ids;
  }

  private idOf(token: string): number {
    const id = this.special.get(token) ?? this.tokenizer.token_to_id(token);
    if (id === undefined) {
      throw new MapleError(
        `tokenizer.json must hold the tokens that tokenizer_config.json names. Received: "${token}", which it does not. ` +
          'Take the two files of the same model.',
      );
    }
    return id;
  }
}

/** Whether a Unigram tokeniser's rules are SigLIP's, by its class or by what they do; and whether they make small letters. */
function canonicalCase(json: SiglipTokenizerJson, facts: SiglipTokenizerFacts): boolean | undefined {
  if (json.model.type !== 'Unigram') {
    return undefined;
  }
  if (facts.isSiglipClass) {
    return facts.lowerCase;
  }
  const rules = flatRules(json.normalizer).filter(({ type }) => type !== 'Precompiled');
  const tried = textRule(rules)(` A${PUNCTUATION}B \n C `);
  return tried.toLowerCase() === 'ab c' ? facts.lowerCase || tried === 'ab c' : undefined;
}

/** Finds the longest special token first, with the white space that goes with it. */
function patternOf(tokens: readonly AddedTokenJson[]): RegExp {
  const longestFirst = [...tokens].sort((one, other) => other.content.length - one.content.length);
  const parts = longestFirst.map(({ content, lstrip, rstrip }) => {
    const text = content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return `${lstrip ? '\\p{White_Space}*' : ''}(${text})${rstrip ? '\\p{White_Space}*' : ''}`;
  });
  return new RegExp(parts.join('|'), 'gu');
}

function highestId({ model }: SiglipTokenizerJson, added: readonly AddedTokenJson[]): number {
  const last = Array.isArray(model.vocab) ? [model.vocab.length - 1] : Object.values(model.vocab);
  return [...last, ...added.map(({ id }) => id)].reduce((highest, id) => Math.max(highest, id), -1);
}

/** The class is the general one, since SiglipTokenizer reads no tokenizer.json and GemmaTokenizer not all of it. */
function filesOf(
  json: SiglipTokenizerJson,
  facts: SiglipTokenizerFacts,
  normalizer: object,
  lowerCase: boolean,
  endToken: number,
): Record<string, object> {
  return {
    'tokenizer.json': {
      ...json,
      truncation: null,
      padding: null,
      added_tokens: [...facts.addedTokens].sort((one, other) => one.id - other.id),
      normalizer,
      post_processor: endTemplate(facts.endToken, endToken),
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      do_lower_case: lowerCase,
      eos_token: facts.endToken,
      pad_token: facts.padding,
      padding_side: 'right',
      ...(facts.maxLength !== undefined && { model_max_length: facts.maxLength }),
      model_input_names: ['input_ids'],
      clean_up_tokenization_spaces: false,
    },
  };
}
