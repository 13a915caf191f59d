import { Tokenizer } from '@huggingface/tokenizers';
import { Charsmap } from './charsmap.js';

/** A normaliser of tokenizer.json: what is done with a text before it is cut in pieces. */
export interface NormalizerJson {
  type: string;
  normalizers?: NormalizerJson[];
  precompiled_charsmap?: string | null;
  [field: string]: unknown;
}

/** What is done with a text before it is cut in pieces. */
export type TextRule = (text: string) => string;

/** A model for the sake of the normaliser that comes with it. */
const NO_PIECES = { type: 'BPE', vocab: {}, merges: [] };

/** Python's white space: Unicode's, and four separators of ASCII. */
export const WHITE_SPACE = /[\p{White_Space}\x1c-\x1f]+/gu; // eslint-disable-line no-control-regex

/** ASCII's punctuation, Python's `string.punctuation`. */
export const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
/** Finds them. */
export const PUNCTUATION_MARKS = /[!-/:-@[-`{-~]/g;

/** The normalisers of a tokenizer.json, one after the other. */
export function flatRules(json: NormalizerJson | null | undefined): NormalizerJson[] {
  if (json === null || json === undefined) {
    return [];
  }
  return json.type === 'Sequence' ? (json.normalizers ?? []).flatMap(flatRules) : [json];
}

/**
 * What normalisers of a tokenizer.json do. Small letters are made one character at a time, as the original library makes
 * them (a Greek word's last sigma is like any other), and replacements are read from their table.
 * @throws Error naming a normaliser that is not known
 */
export function textRule(rules: readonly NormalizerJson[]): TextRule {
  const steps = rules.map(oneRule);
  return (text) => steps.reduce((result, step) => step(result), text);
}

/** The table of replacements among the normalisers, if there is one. */
export function charsmapOf(rules: readonly NormalizerJson[]): Charsmap | undefined {
  const encoded = rules.find(({ type }) => type === 'Precompiled')?.precompiled_charsmap;
  return encoded ? Charsmap.fromBase64(encoded) : undefined;
}

/**
 * What SigLIP does with a text, as transformers' SiglipTokenizer (`canonicalize_text`) and SentencePiece have it: small
 * letters, no ASCII punctuation, SentencePiece's replacements, single spaces.
 */
export function canonicalRule(lowerCase: boolean, charsmap: Charsmap | undefined): TextRule {
  return (text) => {
    const cased = lowerCase ? text.toLowerCase() : text;
    const plain = cased.replaceAll('▁', ' ').replace(PUNCTUATION_MARKS, '').replace(WHITE_SPACE, ' ');
    const replaced = charsmap === undefined ? plain : charsmap.apply(plain);
    return replaced.replace(/ +/g, ' ').replace(/^ | $/g, '');
  };
}

/** The same as {@link canonicalRule} for other readers of a tokenizer.json, as far as its normalisers can say it. */
export function canonicalRulesJson(lowerCase: boolean, rules: readonly NormalizerJson[]): NormalizerJson {
  const strip = { type: 'Strip', strip_left: true, strip_right: true };
  const replace = (regex: string, content: string): NormalizerJson => ({
    type: 'Replace',
    pattern: { Regex: regex },
    content,
  });
  return {
    type: 'Sequence',
    normalizers: [
      ...(lowerCase ? [{ type: 'Lowercase' }] : []),
      replace('[!-/:-@\\[-`{-~]', ''),
      replace('\\s+', ' '),
      strip,
      ...rules.filter(({ type }) => type === 'Precompiled'),
      replace(' {2,}', ' '),
      strip,
    ],
  };
}

function oneRule(json: NormalizerJson): TextRule {
  if (json.type === 'Lowercase') {
    return (text) => Array.from(text, (character) => character.toLowerCase()).join('');
  }
  if (json.type === 'Precompiled') {
    const charsmap = charsmapOf([json]);
    return (text) => (charsmap === undefined ? text : charsmap.apply(text));
  }
  const parts = { pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  const { normalizer } = new Tokenizer({ ...parts, normalizer: json, model: NO_PIECES }, {});
  return (text) => (normalizer === null ? text : normalizer.normalize(text));
}
