import type { TextTokenizer } from '../backbone/backbone.js';

/** A tokeniser that can be saved beside the weights of its backbone: {@link ClipTokenizer}, {@link SiglipTokenizer}. */
export interface StoredTokenizer extends TextTokenizer {
  /** Id of the token that every text begins with, if it begins with one. */
  readonly startToken?: number;
  /** Id of the token that every text ends with. */
  readonly endToken: number;
  /** Number of ids; a text tower has at least as many embeddings. */
  readonly vocabularySize: number;
  /** Number of tokens of a padded text, where the tokeniser's own files state it. */
  readonly maxLength?: number;
  /** Contents of the tokeniser's files by name: tokenizer.json, and tokenizer_config.json where one is needed. */
  readonly files: Readonly<Record<string, object>>;
}
