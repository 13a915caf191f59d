import * as tfl from '@tensorflow/tfjs-layers';
import { layerNorm, learnedPositions, tokenPool, transformerBlock } from '../../layers/index.js';
import type { ClipConfig } from './config.js';
import type { LayerSource } from './layer_source.js';
import type { PromptHook } from './vision_tower.js';

/**
 * The text tower's graph.
 * @param embeddings - token embeddings [N, L, width]
 * @param ends - position of each text's end token [N]
 * @param prompt - called before every block (before the positions are added for the first)
 * @param pruned - compute the last block for the end tokens alone, the only ones used; same results
 * @returns text features [N, embedDim], not normalised
 */
export function textTower(
  embeddings: tfl.SymbolicTensor,
  ends: tfl.SymbolicTensor,
  { text, embedDim }: ClipConfig,
  source: LayerSource,
  prompt: PromptHook,
  pruned: boolean,
): tfl.SymbolicTensor {
  const { contextLength, epsilon, heads, mlpWidth, activation } = text;
  const apply = (
    name: string,
    make: (name: string) => tfl.layers.Layer,
    inputs: tfl.SymbolicTensor | tfl.SymbolicTensor[],
  ) => source(`text/${name}`, make).apply(inputs) as tfl.SymbolicTensor;

  let x = prompt(embeddings, 0);
  x = apply('positions', (name) => learnedPositions({ name, positions: contextLength }), x);
  for (let block = 0; block < text.layers; block++) {
    const query = pruned && block === text.layers - 1 ? 'given' : 'all';
    x = block === 0 ? x : prompt(x, block);
    const make = (name: string) =>
      transformerBlock({ name, heads, mlpWidth, activation, epsilon, causal: true, query });
    x = apply(`block_${block}`, make, query === 'given' ? [x, ends] : x);
  }
  x = pruned ? x : apply('pool', (name) => tokenPool({ name, query: 'given' }), [x, ends]);
  x = apply('final_norm', (name) => layerNorm({ name, epsilon }), x);
  return apply('projection', (name) => tfl.layers.dense({ name, units: embedDim, useBias: false }), x);
}

/** The text tower without prompts as a model of its own: embeddings [N, L, width] and end positions [N] to features. */
export function textTowerModel(config: ClipConfig, source: LayerSource, pruned: boolean): tfl.LayersModel {
  const embeddings = tfl.input({ shape: [null, config.text.width], name: 'text/embeddings' });
  const ends = tfl.input({ batchShape: [null], name: 'text/ends' });
  const features = textTower(embeddings, ends, config, source, (tokens) => tokens, pruned);
  return tfl.model({ inputs: [embeddings, ends], outputs: features, name: 'text' });
}
