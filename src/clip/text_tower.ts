import * as tfl from '@tensorflow/tfjs-layers';
import { layerNorm, learnedPositions, tokenPool, transformerBlock } from '../../layers/index.js';
import type { TextStream, TowerContext } from '../backbone/contract.js';
import type { ClipConfig } from './config.js';

/**
 * A text transformer's graph. With `pruned` the last block is computed for the tokens alone at which features are read;
 * same results.
 * @param stream - a row a text, or packed, which needs `pruned`
 * @param context - its `prompt` is called before every block (before the positions are added for the first)
 * @returns text features [N, embedDim], not normalised
 */
export function textTower(
  { embeddings, ends, packing }: TextStream,
  { text, embedDim }: ClipConfig,
  { source, prompt, pruned, memory }: TowerContext,
): tfl.SymbolicTensor {
  const { contextLength, epsilon, heads, mlpWidth, activation, causal = true, projectionBias = false } = text;
  const apply = (
    name: string,
    make: (name: string) => tfl.layers.Layer,
    inputs: tfl.SymbolicTensor | tfl.SymbolicTensor[],
  ) => source(`text/${name}`, make).apply(inputs) as tfl.SymbolicTensor;

  let x = prompt(embeddings, 0);
  const makePositions = (name: string) => learnedPositions({ name, positions: contextLength });
  x = apply('positions', makePositions, packing ? [x, packing.positions] : x);
  const texts = packing ? [packing.places, packing.real] : [];
  for (let block = 0; block < text.layers; block++) {
    const query = pruned && block === text.layers - 1 ? 'given' : 'all';
    x = block === 0 ? x : prompt(x, block);
    const make = (name: string) =>
      transformerBlock({ name, heads, mlpWidth, activation, epsilon, causal, query, ...memory });
    const inputs = [x, ...texts, ...(query === 'given' ? [ends] : [])];
    x = apply(`block_${block}`, make, inputs.length === 1 ? x : inputs);
  }
  x = pruned ? x : apply('pool', (name) => tokenPool({ name, query: 'given' }), [x, ends]);
  x = apply('final_norm', (name) => layerNorm({ name, epsilon }), x);
  return apply('projection', (name) => tfl.layers.dense({ name, units: embedDim, useBias: projectionBias }), x);
}
