import { SiglipTokenizer } from '../tokenizers/siglip_tokenizer.js';
import { PUNCTUATION_MARKS } from '../tokenizers/text_rules.js';

/** The first ids, as in SigLIP's own vocabulary; the end token is the padding too. */
const SPECIAL = ['<pad>', '</s>', '<unk>'];
/** A word that is known whole is worth less than any two pieces of it. */
const WORD_SCORE = -1;
const LETTER_SCORE = -10;

/**
 * A tokeniser in SigLIP's form that knows the words of some texts whole and spells any other, as far as it can with a
 * known word at its start and the letters that occur. Texts become small letters without punctuation.
 * @param texts - those that the vocabulary is made of; the order of the ids does not depend on theirs
 */
export function wordPieceTokenizer(texts: readonly string[]): SiglipTokenizer {
  const words = new Set(texts.flatMap(wordsOf));
  const letters = new Set([...words].flatMap((word) => [...word]));
  const vocab: [string, number][] = [
    ...SPECIAL.map((token): [string, number] => [token, 0]),
    ...['▁', ...[...letters].sort()].map((letter): [string, number] => [letter, LETTER_SCORE]),
    ...[...words].sort().map((word): [string, number] => [`▁${word}`, WORD_SCORE]),
  ];
  const [, endToken, unknown] = SPECIAL;
  const special = (content: string) => ({ id: SPECIAL.indexOf(content), content, special: true, normalized: false });
  return SiglipTokenizer.fromJson(
    {
      version: '1.0',
      added_tokens: [endToken, unknown].map(special),
      model: { type: 'Unigram', unk_id: SPECIAL.indexOf(unknown), vocab },
    },
    {
      tokenizer_class: 'SiglipTokenizer',
      do_lower_case: true,
      eos_token: endToken,
      pad_token: endToken,
      unk_token: unknown,
    },
  );
}

/** What SigLIP's rules leave of a text: small letters, no ASCII punctuation. */
export function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(PUNCTUATION_MARKS, '');
  return plain.split(/\s+/).filter((word) => word !== '');
}
