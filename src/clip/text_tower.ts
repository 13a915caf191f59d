import * as tfl from '@tensorflow/tfjs-layers';
import { layerNorm, learnedPositions, tokenPool, transformerBlock } from '../../layers/index.js';
import type { ClipConfig } from './config.js';
import type { LayerSource } from '../backbone/layer_source.js';
import type { BlockMemory, PromptHook } from './vision_tower.js';

/** The texts a text tower reads. */
export interface TextStream {
  /** Token embeddings [N, L, width]; packed [1, tokens, width]. */
  embeddings: tfl.SymbolicTensor;
  /** Position of each text's end token [N]; packed: among its own tokens. */
  ends: tfl.SymbolicTensor;
  /** Of packed texts, as `packedClassTokens` gives them. */
  packing?: { positions: tfl.SymbolicTensor; places: tfl.SymbolicTensor; real: tfl.SymbolicTensor };
}

/**
 * The text tower's graph.
 * @param stream - a row a text, or packed, which needs `pruned`
 * @param prompt - called before every block (before the positions are added for the first)
 * @param pruned - compute the last block for the end tokens alone, the only ones used; same results
 * @param keep - what the blocks keep for a backward pass
 * @returns text features [N, embedDim], not normalised
 */
export function textTower(
  { embeddings, ends, packing }: TextStream,
  { text, embedDim }: ClipConfig,
  source: LayerSource,
  prompt: PromptHook,
  pruned: boolean,
  keep: BlockMemory = {},
): tfl.SymbolicTensor {
  const { contextLength, epsilon, heads, mlpWidth, activation } = text;
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
      transformerBlock({ name, heads, mlpWidth, activation, epsilon, causal: true, query, ...keep });
    const inputs = [x, ...texts, ...(query === 'given' ? [ends] : [])];
    x = apply(`block_${block}`, make, inputs.length === 1 ? x : inputs);
  }
  x = pruned ? x : apply('pool', (name) => tokenPool({ name, query: 'given' }), [x, ends]);
  x = apply('final_norm', (name) => layerNorm({ name, epsilon }), x);
  return apply('projection', (name) => tfl.layers.dense({ name, units: embedDim, useBias: false }), x);
}

/** The text tower without prompts as a model of its own: embeddings [N, L, width] and end positions [N] to features. */
export function textTowerModel(config: ClipConfig, source: LayerSource, pruned: boolean): tfl.LayersModel {
  const embeddings = tfl.input({ shape: [null, config.text.width], name: 'text/embeddings' });
  const ends = tfl.input({ batchShape: [null], name: 'text/ends' });
  const features = textTower({ embeddings, ends }, config, source, (tokens) => tokens, pruned);
  return tfl.model({ inputs: [embeddings, ends], outputs: features, name: 'text' });
}
