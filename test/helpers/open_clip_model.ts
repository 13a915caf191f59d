import type { ClipConfig } from '../../src/clip/config.js';

/** What open_clip calls an architecture: the `model_cfg` of its open_clip_config.json. */
export function openClipModel({ embedDim, vision, text }: ClipConfig) {
  return {
    embed_dim: embedDim,
    vision_cfg: {
      image_size: vision.imageSize,
      layers: vision.layers,
      width: vision.width,
      head_width: vision.width / vision.heads,
      mlp_ratio: vision.mlpWidth / vision.width,
      patch_size: vision.patchSize,
    },
    text_cfg: {
      context_length: text.contextLength,
      vocab_size: text.vocabularySize,
      width: text.width,
      heads: text.heads,
      layers: text.layers,
      mlp_ratio: text.mlpWidth / text.width,
    },
  };
}
