import * as tfl from '@tensorflow/tfjs-layers';
import {
  layerNorm,
  learnedPositions,
  patchEmbedding,
  tokenPool,
  transformerBlock,
  type TransformerBlockArgs,
} from '../../layers/index.js';
import type { ClipConfig } from './config.js';
import type { LayerSource } from '../backbone/layer_source.js';

/** What the blocks of a frozen tower keep for a backward pass; see `transformerBlock`. */
export type BlockMemory = Pick<TransformerBlockArgs, 'recompute' | 'constant'>;

/** What stands before a block: takes the tokens [N, L, d] and gives them back with prompts in. */
export type PromptHook = (tokens: tfl.SymbolicTensor, block: number) => tfl.SymbolicTensor;

/**
 * The image tower's graph.
 * @param images - [B, imageSize, imageSize, 3], normalised
 * @param prompt - called before every block (before `pre_norm` for the first)
 * @param pruned - compute the last block for the class token alone, the only one used; same results
 * @param keep - what the blocks keep for a backward pass
 * @returns image features [B, embedDim], not normalised
 */
export function visionTower(
  images: tfl.SymbolicTensor,
  { vision, embedDim }: ClipConfig,
  source: LayerSource,
  prompt: PromptHook,
  pruned: boolean,
  keep: BlockMemory = {},
): tfl.SymbolicTensor {
  const { width, patchSize, imageSize, epsilon, heads, mlpWidth, activation } = vision;
  const positions = 1 + (imageSize / patchSize) ** 2;
  const apply = (name: string, make: (name: string) => tfl.layers.Layer, inputs: tfl.SymbolicTensor) =>
    source(`vision/${name}`, make).apply(inputs) as tfl.SymbolicTensor;

  let x = apply('patches', (name) => patchEmbedding({ name, patchSize, units: width }), images);
  x = apply('positions', (name) => learnedPositions({ name, positions }), x);
  x = prompt(x, 0);
  x = apply('pre_norm', (name) => layerNorm({ name, epsilon }), x);
  for (let block = 0; block < vision.layers; block++) {
    const query = pruned && block === vision.layers - 1 ? 'first' : 'all';
    x = block === 0 ? x : prompt(x, block);
    const make = (name: string) => transformerBlock({ name, heads, mlpWidth, activation, epsilon, query, ...keep });
    x = apply(`block_${block}`, make, x);
  }
  x = pruned ? x : apply('pool', (name) => tokenPool({ name, query: 'first' }), x);
  x = apply('post_norm', (name) => layerNorm({ name, epsilon }), x);
  return apply('projection', (name) => tfl.layers.dense({ name, units: embedDim, useBias: false }), x);
}
