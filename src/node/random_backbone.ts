import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import { CLIP_IMAGE_STATISTICS, type ClipConfig } from '../clip/config.js';
import { randomWeights } from '../weights/random_weights.js';
import { loadClipTokenizer } from './clip_tokenizer.js';

/** A CLIP of random weights with CLIP's own tokeniser: for measuring what an architecture costs. */
export async function randomBackbone(config: ClipConfig, name: string): Promise<TransformerBackbone> {
  return {
    name,
    identity: 'random',
    config,
    tokenizer: await loadClipTokenizer(),
    weights: randomWeights(config, 1),
    imageStatistics: CLIP_IMAGE_STATISTICS,
  };
}
