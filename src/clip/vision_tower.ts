import * as tfl from '@tensorflow/tfjs-layers';
import {
  attentionPool,
  layerNorm,
  learnedPositions,
  patchEmbedding,
  tokenPool,
  transformerBlock,
} from '../../layers/index.js';
import type { TowerContext } from '../backbone/contract.js';
import { patchCount, type ClipConfig } from './config.js';

/**
 * A vision transformer's graph. With `pruned` the last block is computed for the class token alone, if the feature is
 * read there; same results.
 * @param images - [B, imageSize, imageSize, 3], normalised
 * @param context - its `prompt` is called before every block (before `pre_norm` for the first)
 * @returns image features [B, embedDim], not normalised
 */
export function visionTower(
  images: tfl.SymbolicTensor,
  { vision, embedDim }: ClipConfig,
  { source, prompt, pruned, memory }: TowerContext,
): tfl.SymbolicTensor {
  const { width, patchSize, epsilon, heads, mlpWidth, activation, patchBias: useBias = false } = vision;
  const { pooling = 'classToken', preNorm = true, projection = true } = vision;
  const classToken = pooling === 'classToken';
  const positions = patchCount(vision) + (classToken ? 1 : 0);
  const apply = (name: string, make: (name: string) => tfl.layers.Layer, inputs: tfl.SymbolicTensor) =>
    source(`vision/${name}`, make).apply(inputs) as tfl.SymbolicTensor;

  let x = apply('patches', (name) => patchEmbedding({ name, patchSize, units: width, classToken, useBias }), images);
  x = apply('positions', (name) => learnedPositions({ name, positions }), x);
  x = prompt(x, 0);
  x = preNorm ? apply('pre_norm', (name) => layerNorm({ name, epsilon }), x) : x;
  const picksFirst = classToken && pruned;
  for (let block = 0; block < vision.layers; block++) {
    const query = picksFirst && block === vision.layers - 1 ? 'first' : 'all';
    x = block === 0 ? x : prompt(x, block);
    const make = (name: string) => transformerBlock({ name, heads, mlpWidth, activation, epsilon, query, ...memory });
    x = apply(`block_${block}`, make, x);
  }
  x = classToken && !pruned ? apply('pool', (name) => tokenPool({ name, query: 'first' }), x) : x;
  x = apply('post_norm', (name) => layerNorm({ name, epsilon }), x);
  x = classToken ? x : apply('pool', (name) => attentionPool({ name, heads, mlpWidth, activation, epsilon }), x);
  return projection ? apply('projection', (name) => tfl.layers.dense({ name, units: embedDim, useBias: false }), x) : x;
}
