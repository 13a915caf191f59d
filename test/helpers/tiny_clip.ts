import { CLIP_IMAGE_STATISTICS, type ClipConfig } from '../../src/clip/config.js';
import type { ClipTokenizer } from '../../src/tokenizers/clip_tokenizer.js';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { pruneTokenizer } from '../../src/tokenizers/clip_tokenizer_pruning.js';
import { loadClipTokenizer } from '../../src/node/clip_tokenizer.js';
import { randomWeights } from '../../src/weights/random_weights.js';

/** Words that the tiny tokeniser has whole; others fall into letters. */
const WORDS = 'a photo of a cat. a photo of a dog. bird fox owl X tench goldfish American Bulldog. itap drawing';

/** What of the tiny CLIP can be another. */
export interface TinyClipOverrides {
  embedDim?: number;
  vision?: Partial<ClipConfig['vision']>;
  text?: Partial<ClipConfig['text']>;
  name?: string;
  identity?: string;
  /** Seed of the weights. Default: 1. */
  seed?: number;
}

/** A configuration of 2 + 2 layers: image 32 wide, 16 x 16 pixels, patch 8; text 24 wide, 20 tokens. */
export function tinyConfig({ embedDim = 16, vision, text }: TinyClipOverrides = {}): ClipConfig {
  const common = { layers: 2, heads: 2, activation: 'quickGelu', epsilon: 1e-5 } as const;
  return {
    embedDim,
    vision: { ...common, width: 32, mlpWidth: 64, imageSize: 16, patchSize: 8, ...vision },
    text: { ...common, width: 24, mlpWidth: 48, contextLength: 20, vocabularySize: 560, ...text },
  };
}

let pruned: Promise<ClipTokenizer> | undefined;

/** CLIP's tokeniser with the merges of a few words: about 540 ids. */
export function tinyTokenizer(): Promise<ClipTokenizer> {
  pruned ??= loadClipTokenizer().then((tokenizer) => pruneTokenizer(tokenizer, WORDS.split(' ')));
  return pruned;
}

/** A random CLIP of two layers a tower, the same at every call; needs no file but the tokeniser's. */
export async function tinyBackbone(overrides: TinyClipOverrides = {}): Promise<TransformerBackbone> {
  const { name = 'tiny', identity = 'tiny-identity', seed = 1 } = overrides;
  const config = tinyConfig(overrides);
  const tokenizer = await tinyTokenizer();
  const weights = randomWeights(config, seed);
  return { name, identity, config, tokenizer, weights, imageStatistics: CLIP_IMAGE_STATISTICS };
}
