import type * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import type { TextTokenizer } from '../backbone/backbone.js';
import { idTensor } from './build_towers.js';
import type { TextConfig } from './config.js';

/**
 * Token ids of texts as a text tower takes them: as long as the longest of them where the mask is causal, and padded to
 * the whole context where padding counts.
 * @param ids - neither padded nor cut
 * @param config - of the text tower that reads them
 * @param padding - id behind the end token, of the tokeniser that made them. Default: 0.
 * @returns [texts, L]
 * @throws MapleError for a text that is longer than the context
 */
export function textIds(
  ids: readonly (readonly number[])[],
  { causal = true, contextLength }: Pick<TextConfig, 'causal' | 'contextLength'>,
  { padding = 0 }: Pick<TextTokenizer, 'padding'> = {},
): tf.Tensor2D {
  const longest = Math.max(...ids.map((text) => text.length));
  if (longest > contextLength) {
    throw new MapleError(`A text must have at most ${contextLength} tokens (\`contextLength\`). Received: ${longest}.`);
  }
  return causal ? idTensor(ids) : idTensor(ids.map((text) => padded(text, contextLength, padding)));
}

function padded(text: readonly number[], length: number, padding: number): number[] {
  return [...text, ...Array<number>(length - text.length).fill(padding)];
}
