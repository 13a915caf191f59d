import { ClipTokenizer } from '../../src/tokenizers/clip_tokenizer.js';
import { renumber } from '../../src/tokenizers/clip_tokenizer_pruning.js';

/**
 * The tokeniser with nothing but the ids of `vocabulary`, renumbered by their place in it: the parity data's models have
 * embeddings for the words of their own prompts alone ("compact_vocabulary" in their manifests). All merges stay.
 */
export function compactTokenizer(tokenizer: ClipTokenizer, vocabulary: readonly number[]): ClipTokenizer {
  const { json } = tokenizer;
  const ids = new Map(vocabulary.map((id, index) => [id, index]));
  return ClipTokenizer.fromJson(renumber(json, ids, json.model.merges as [string, string][]));
}
