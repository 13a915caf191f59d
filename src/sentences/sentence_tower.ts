import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { sentencePool } from '../../layers/index.js';
import type { TextStream, TowerContext, TowersConfig } from '../backbone/contract.js';

/**
 * The text tower of a sentence encoder, as far as it is in the graph: the encoder's vectors come in as tokens, behind
 * places for the learned ones, and a linear map takes them to the shared space.
 *
 * The first prompt P_0 stands in the places and shifts the vector by its mean. There are no blocks for P_1 .. P_{J-1}
 * to stand before: they are learned all the same, for the image tower, which the couplers bring them to before each of
 * its blocks (MaPLe, section 3.2).
 *
 * @param stream - `embeddings` [N, prompt vectors + 1, width], the sentence's own vector last
 * @returns text features [N, embedDim], not normalised
 */
export function sentenceTower(
  { embeddings }: Pick<TextStream, 'embeddings'>,
  { embedDim, vision }: TowersConfig,
  { source, prompt }: Pick<TowerContext, 'source' | 'prompt'>,
): SymbolicTensor {
  const prompted = prompt(embeddings, 0);
  for (let block = 1; block < vision.layers; block++) {
    prompt(embeddings, block);
  }
  const shifted = source('text/pool', (name) => sentencePool({ name })).apply(prompted);
  const map = source('text/projection', (name) => layers.dense({ name, units: embedDim, useBias: false }));
  return map.apply(shifted) as SymbolicTensor;
}
