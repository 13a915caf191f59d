import { SIGLIP_IMAGE_STATISTICS, type ClipConfig } from '../../src/clip/config.js';
import { SIGLIP_FORM } from '../../src/clip/siglip_form.js';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { randomWeights } from '../../src/weights/random_weights.js';
import { tinyConfig, tinyTokenizer, type TinyClipOverrides } from './tiny_clip.js';

/** The tiny CLIP's sizes in SigLIP's form, the joint space as wide as the image tower. */
export function tinySiglipConfig({ vision, text }: Pick<TinyClipOverrides, 'vision' | 'text'> = {}): ClipConfig {
  const common = { activation: 'geluTanh', epsilon: 1e-6 } as const;
  const towers = tinyConfig({
    vision: { ...common, ...SIGLIP_FORM.vision, ...vision },
    text: { ...common, ...SIGLIP_FORM.text, ...text },
  });
  return { ...towers, embedDim: towers.vision.width, logitBias: true };
}

/** A random SigLIP of two layers a tower, with the tiny CLIP's words without a start token. */
export async function tinySiglip(overrides: TinyClipOverrides = {}): Promise<TransformerBackbone> {
  const { name = 'tiny-siglip', identity = 'tiny-siglip-identity', seed = 1 } = overrides;
  const config = tinySiglipConfig(overrides);
  const words = await tinyTokenizer();
  const tokenizer = { encode: (text: string) => words.encode(text).slice(1), padding: words.endToken };
  const weights = randomWeights(config, seed);
  return { name, identity, config, tokenizer, weights, imageStatistics: SIGLIP_IMAGE_STATISTICS };
}
