import { Tokenizer } from '@huggingface/tokenizers';
import { MapleError } from '../../layers/errors.js';
import type { StoredTokenizer } from './stored_tokenizer.js';
import { cleanText } from './text_cleaning.js';
import {
  forCutWords,
  hasClipRules,
  tokenizerJsonFromMerges,
  tokenizerJsonFromVocabulary,
} from './clip_tokenizer_json.js';
import type { TokenizerJson } from './clip_tokenizer_json.js';

/**
 * How CLIP cuts a clean text in words. The original's pattern ignores case, by which the long s too ends a contraction,
 * and U+0345, a mark that is the letter iota otherwise, is nowhere: it falls away.
 */
const WORDS =
  /<\|[sſ]tartoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}\u0345]+/gu;

/**
 * CLIP's tokeniser: text to ids of byte pairs, a start token before and an end token after.
 *
 * Made from CLIP's own files ({@link ClipTokenizer.fromMerges}, {@link ClipTokenizer.fromVocabularyAndMerges}) it gives
 * the ids of OpenAI's `simple_tokenizer.py`, the clean-up of texts (ftfy, HTML entities, white space, small letters)
 * included. A tokenizer.json brings its own rules and is taken at its word, unless it was written by this library.
 */
export class ClipTokenizer implements StoredTokenizer {
  /** Id of the token that every text begins with. */
  readonly startToken: number;
  /** Id of the token that every text ends with, whose output is the text's feature: the highest of all ids. */
  readonly endToken: number;
  /** Number of ids; a text tower has at least as many embeddings. */
  readonly vocabularySize: number;
  /** Whether texts are cleaned and cut as CLIP's own code does, and not by the rules of a tokenizer.json. */
  private readonly asClip: boolean;
  private readonly tokenizer: Tokenizer;

  private constructor(
    /** The Hugging Face tokenizer.json that this tokeniser was made from, for saving. */
    readonly json: TokenizerJson,
    config: object,
  ) {
    this.asClip = hasClipRules(json);
    const tokenizer = new Tokenizer(this.asClip ? forCutWords(json) : json, config);
    this.tokenizer = tokenizer;
    const special = tokenizer.encode('').ids;
    if (special.length !== 2) {
      throw new MapleError(
        'A CLIP tokeniser must put a start token before and an end token after every text. ' +
          `Received: ${special.length} tokens for the empty text. Look at "post_processor" in tokenizer.json.`,
      );
    }
    [this.startToken, this.endToken] = special;
    this.vocabularySize = 1 + highestId(json);
    if (this.endToken !== this.vocabularySize - 1) {
      throw new MapleError(
        "A CLIP tokeniser's end token must have the highest id. " +
          `Received: ${this.endToken} of ${this.vocabularySize} ids. Is this the tokenizer.json of a CLIP model?`,
      );
    }
  }

  /**
   * From a parsed Hugging Face tokenizer.json.
   * @param json - the content of tokenizer.json
   * @param config - the content of tokenizer_config.json, where there is one
   * @throws MapleError when it is not a byte-pair tokeniser with CLIP's start and end tokens
   */
  static fromJson(json: object, config: object = {}): ClipTokenizer {
    const model = (json as Partial<TokenizerJson>).model;
    if (typeof model?.vocab !== 'object' || !Array.isArray(model.merges) || (model.type ?? 'BPE') !== 'BPE') {
      throw new MapleError(
        'A CLIP tokeniser must be a byte-pair one: "model" of tokenizer.json needs type BPE, "vocab" and "merges". ' +
          `Received: type ${String(model?.type)}.`,
      );
    }
    try {
      return new ClipTokenizer(json as TokenizerJson, config);
    } catch (error) {
      if (error instanceof MapleError) {
        throw error;
      }
      throw new MapleError(`tokenizer.json cannot be used: ${(error as Error).message}`, { cause: error });
    }
  }

  /**
   * From OpenAI's file of merges, bpe_simple_vocab_16e6.txt, unpacked.
   * @throws MapleError when the text holds too few merges or a line is not a pair
   */
  static fromMerges(mergesText: string): ClipTokenizer {
    return ClipTokenizer.fromJson(tokenizerJsonFromMerges(mergesText));
  }

  /**
   * From vocab.json and merges.txt, the two files that Hugging Face's older folders hold instead of tokenizer.json.
   * @param vocabulary - the content of vocab.json: tokens and their ids
   * @param mergesText - the content of merges.txt: a version line and one merge a line
   * @throws MapleError when the two do not belong together, or are no CLIP's
   */
  static fromVocabularyAndMerges(vocabulary: Record<string, number>, mergesText: string): ClipTokenizer {
    return ClipTokenizer.fromJson(tokenizerJsonFromVocabulary(vocabulary, mergesText));
  }

  /** tokenizer.json, which is all that this tokeniser is made of. */
  get files(): Readonly<Record<string, object>> {
    return { 'tokenizer.json': this.json };
  }

  /** Ids of a text, start and end token included, neither padded nor cut. */
  encode(text: string): number[] {
    if (!this.asClip) {
      return this.tokenizer.encode(text).ids;
    }
    const ids = wordsOf(text).flatMap((word) => this.tokenizer.encode(word, { add_special_tokens: false }).ids);
    return [this.startToken, ...ids, this.endToken];
  }

  /** The byte pairs of a text as strings, without start and end token; a word's last one ends in `</w>`. */
  tokenize(text: string): string[] {
    return this.asClip ? wordsOf(text).flatMap((word) => this.tokenizer.tokenize(word)) : this.tokenizer.tokenize(text);
  }
}

function wordsOf(text: string): string[] {
  return cleanText(text).match(WORDS) ?? [];
}

function highestId(json: TokenizerJson): number {
  const added = json.added_tokens.map(({ id }) => id);
  return [...Object.values(json.model.vocab), ...added].reduce((highest, id) => Math.max(highest, id), -1);
}
