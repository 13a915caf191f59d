import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import type { TextTokenizer } from '../backbone/backbone.js';
import { countsPadding } from '../backbone/contract.js';
import type { TextConfig } from './config.js';

/**
 * Token ids of texts as a text tower takes them: as long as the longest of them, or as the whole context where padding
 * counts, which is where nothing is masked or the last position is read.
 * @param ids - neither padded nor cut
 * @param config - of the text tower that reads them
 * @param padding - id behind the end token, of the tokeniser that made them. Default: 0.
 * @returns [texts, L]
 * @throws MapleError for a text that is longer than the context
 */
export function textIds(
  ids: readonly (readonly number[])[],
  { contextLength, ...config }: Pick<TextConfig, 'causal' | 'pooling' | 'contextLength'>,
  { padding }: Pick<TextTokenizer, 'padding'> = {},
): tf.Tensor2D {
  const longest = Math.max(...ids.map((text) => text.length));
  if (longest > contextLength) {
    throw new MapleError(`A text must have at most ${contextLength} tokens (\`contextLength\`). Received: ${longest}.`);
  }
  return idTensor(countsPadding(config) ? ids.map((text) => paddedIds(text, contextLength, padding)) : ids);
}

/** Token ids of several texts as one tensor, padded with zeros behind the end token to the longest. */
export function idTensor(ids: readonly (readonly number[])[]): tf.Tensor2D {
  const length = Math.max(...ids.map((text) => text.length));
  const values = new Int32Array(ids.length * length);
  ids.forEach((text, row) => values.set(text, row * length));
  return tf.tensor2d(values, [ids.length, length], 'int32');
}

/** A text's ids with the padding behind its end token. */
export function paddedIds(text: readonly number[], length: number, padding = 0): number[] {
  return [...text, ...Array<number>(length - text.length).fill(padding)];
}
