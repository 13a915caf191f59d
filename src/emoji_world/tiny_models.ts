import type { ClipConfig, TowerConfig } from '../clip/config.js';
import { SIGLIP_FORM } from '../clip/siglip_form.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import type { SiglipTokenizer } from '../tokenizers/siglip_tokenizer.js';
import type { ClipTokenizer } from '../tokenizers/clip_tokenizer.js';
import { pruneTokenizer } from '../tokenizers/clip_tokenizer_pruning.js';
import { loadClipTokenizer } from '../node/clip_tokenizer.js';
import type { LossName } from '../training/recipe.js';
import { captionVocabulary } from './captions.js';
import { emojiConcepts } from './concepts.js';
import { wordPieceTokenizer, wordsOf } from './word_pieces.js';

/** Sizes of both towers, whatever their form. */
const TOWER = { width: 128, heads: 4, mlpWidth: 512 } as const;
const PICTURES = { layers: 6, imageSize: 48, patchSize: 8 } as const;
const TEXT_LAYERS = 3;

/** A form of model that is pretrained on Emoji World. */
export interface TinyModel {
  /** The architecture; the vocabulary is that of the captions. */
  config(vocabularySize: number): ClipConfig;
  tokenizer(): Promise<StoredTokenizer>;
  loss: LossName;
  /** Captions of more tokens are drawn again. */
  longestCaption: number;
}

/** The tiny CLIP's architecture; the vocabulary is that of the captions. */
export function emojiClipConfig(vocabularySize: number): ClipConfig {
  const tower: Omit<TowerConfig, 'layers'> = { ...TOWER, activation: 'quickGelu', epsilon: 1e-5 };
  return {
    embedDim: TOWER.width,
    vision: { ...tower, ...PICTURES },
    text: { ...tower, layers: TEXT_LAYERS, contextLength: 32, vocabularySize },
  };
}

/** A CLIP tokeniser that knows the captions' words whole, and spells any other. */
export async function emojiTokenizer(): Promise<ClipTokenizer> {
  return pruneTokenizer(await loadClipTokenizer(), [...vocabulary(), 'X']);
}

/** The architecture of the same sizes in SigLIP's form. A text pays for its whole context, so the context is short. */
export function emojiSiglipConfig(vocabularySize: number): ClipConfig {
  const tower: Omit<TowerConfig, 'layers'> = { ...TOWER, activation: 'geluTanh', epsilon: 1e-6 };
  return {
    embedDim: TOWER.width,
    logitBias: true,
    vision: { ...tower, ...PICTURES, ...SIGLIP_FORM.vision },
    text: { ...tower, layers: TEXT_LAYERS, contextLength: 16, vocabularySize, ...SIGLIP_FORM.text },
  };
}

/** A tokeniser in SigLIP's form that knows the captions' words whole, and spells any other. */
export function emojiSiglipTokenizer(): SiglipTokenizer {
  return wordPieceTokenizer([...vocabulary(), 'X']);
}

/** The words of all captions, small letters. */
export function captionWords(): string[] {
  return [...new Set(vocabulary().flatMap(wordsOf))];
}

function vocabulary(): string[] {
  return captionVocabulary(emojiConcepts());
}

/** The models that `pretrain` trains, by the form of their towers. */
export const TINY_MODELS = {
  clip: { config: emojiClipConfig, tokenizer: emojiTokenizer, loss: 'softmax', longestCaption: 20 },
  siglip: {
    config: emojiSiglipConfig,
    tokenizer: async () => emojiSiglipTokenizer(),
    loss: 'sigmoid',
    longestCaption: 16,
  },
} as const satisfies Record<string, TinyModel>;

/** Name of a form of model that is pretrained on Emoji World. */
export type TinyArchitecture = keyof typeof TINY_MODELS;
