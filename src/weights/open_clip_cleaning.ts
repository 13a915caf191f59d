import { SiglipTokenizer } from '../tokenizers/siglip_tokenizer.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import { canonicalRulesJson, flatRules, PUNCTUATION_MARKS, WHITE_SPACE } from '../tokenizers/text_rules.js';
import type { NormalizerJson, TextRule } from '../tokenizers/text_rules.js';
import type { Fields } from './json_fields.js';
import { failField, fieldsOf } from './open_clip_fields.js';

/** What open_clip does with a text before a tokenizer.json cuts it, and the same as normalisers of such a file. */
interface Cleaning {
  rule: TextRule;
  normalizers: NormalizerJson[];
}

const singleSpaces: TextRule = (text) => text.replace(WHITE_SPACE, ' ').replace(/^ | $/g, '');
const SPACES: NormalizerJson[] = [
  { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
  { type: 'Strip', strip_left: true, strip_right: true },
];

/** By open_clip's names. Characters that were decoded wrongly, and HTML's, are not mended here. */
const CLEANINGS: Readonly<Record<string, Cleaning>> = {
  whitespace: { rule: singleSpaces, normalizers: SPACES },
  lower: { rule: (text) => singleSpaces(text).toLowerCase(), normalizers: [...SPACES, { type: 'Lowercase' }] },
  canonicalize: {
    rule: (text) => singleSpaces(text.replaceAll('_', ' ').replace(PUNCTUATION_MARKS, '').toLowerCase()),
    normalizers: [
      { type: 'Replace', pattern: { String: '_' }, content: ' ' },
      ...flatRules(canonicalRulesJson(true, [])),
    ],
  },
};

/**
 * The tokeniser of a SigLIP in open_clip's layout. open_clip cleans texts outside of the tokeniser's files, before it looks
 * for special tokens; the files that are written clean them as far as normalisers can.
 * @param json - the content of tokenizer.json
 * @param config - the content of tokenizer_config.json
 * @param configJson - the content of open_clip_config.json
 * @throws MapleError for a cleaning, or another option of the tokeniser, that is not known
 */
export function openClipSiglipTokenizer(json: object, config: object, configJson: object): StoredTokenizer {
  const { rule, normalizers } = cleaningOf(configJson);
  const tokenizer = SiglipTokenizer.fromJson(json, config);
  const own = flatRules((json as { normalizer?: NormalizerJson }).normalizer);
  const normalizer = { type: 'Sequence', normalizers: [...normalizers, ...own] };
  return {
    endToken: tokenizer.endToken,
    padding: tokenizer.padding,
    vocabularySize: tokenizer.vocabularySize,
    maxLength: tokenizer.maxLength,
    files: SiglipTokenizer.fromJson({ ...json, normalizer }, config).files,
    encode: (text) => tokenizer.encode(rule(text)),
  };
}

function cleaningOf(configJson: object): Cleaning {
  const text = fieldsOf(fieldsOf(configJson as Fields, 'model_cfg', {}), 'text_cfg', {});
  const { clean = 'whitespace', ...others } = fieldsOf(text, 'tokenizer_kwargs', {});
  if (Object.keys(others).length > 0 || !Object.hasOwn(CLEANINGS, String(clean))) {
    const known = Object.keys(CLEANINGS).join(', ');
    failField('text_cfg', 'tokenizer_kwargs', `have no field but clean, one of ${known}`, text.tokenizer_kwargs);
  }
  return CLEANINGS[String(clean)];
}
