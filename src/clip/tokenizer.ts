import { Tokenizer } from '@huggingface/tokenizers';
import { MapleError } from '../../layers/errors.js';
import { tokenizerJsonFromMerges } from './tokenizer_json.js';
import type { TokenizerJson } from './tokenizer_json.js';

/** CLIP's tokeniser: text to ids of byte pairs, a start token before and an end token after. */
export class ClipTokenizer {
  /** Id of the token that every text begins with. */
  readonly startToken: number;
  /** Id of the token that every text ends with, whose output is the text's feature: the highest of all ids. */
  readonly endToken: number;
  /** Number of ids; a text tower has at least as many embeddings. */
  readonly vocabularySize: number;

  private constructor(
    /** The Hugging Face tokenizer.json that this tokeniser was made from, for saving. */
    readonly json: TokenizerJson,
    private readonly tokenizer: Tokenizer,
  ) {
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
      return new ClipTokenizer(json as TokenizerJson, new Tokenizer(json, config));
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

  /** Ids of a text, start and end token included, neither padded nor cut. */
  encode(text: string): number[] {
    return this.tokenizer.encode(text).ids;
  }

  /** The byte pairs of a text as strings, without start and end token; a word's last one ends in `</w>`. */
  tokenize(text: string): string[] {
    return this.tokenizer.tokenize(text);
  }
}

function highestId(json: TokenizerJson): number {
  const added = json.added_tokens.map(({ id }) => id);
  return [...Object.values(json.model.vocab), ...added].reduce((highest, id) => Math.max(highest, id), -1);
}
