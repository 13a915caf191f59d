import type { ClipConfig, TextConfig, TowerConfig, VisionConfig } from './config.js';
import { SIGLIP_FORM } from './siglip_form.js';

/** Rows of the token embedding: of SigLIP's English and multilingual tokenisers, and of SigLIP 2's. */
const [ENGLISH, MULTILINGUAL, SECOND] = [32_000, 250_000, 256_000];

const BASE = tower(768, 12, 12, 3072);
const LARGE = tower(1024, 24, 16, 4096);
const SO400M = tower(1152, 27, 16, 4304);
const GIANT_OPT = tower(1536, 40, 16, 6144);

function tower(width: number, layers: number, heads: number, mlpWidth: number): TowerConfig {
  return { width, layers, heads, mlpWidth, activation: 'geluTanh', epsilon: 1e-6 };
}

function vision(size: TowerConfig, patchSize: number, imageSize: number): VisionConfig {
  return { ...size, imageSize, patchSize, ...SIGLIP_FORM.vision };
}

function text(size: TowerConfig, vocabularySize: number, contextLength = 64): TextConfig {
  return { ...size, contextLength, vocabularySize, ...SIGLIP_FORM.text };
}

/** Two towers; the joint space is as wide as the image tower, whose feature is not mapped. */
function siglip(image: VisionConfig, words: TextConfig): ClipConfig {
  return { embedDim: image.width, logitBias: true, vision: image, text: words };
}

/**
 * The published architectures of SigLIP (Zhai et al., ICCV 2023) and of SigLIP 2 with a fixed resolution (Tschannen et
 * al., 2025) as data. `At` says the side of the pictures; `So400m14At384` has pictures of 384 pixels and 27 x 27 patches
 * of 14, the last 6 pixels of a side seen by none; open_clip's SigLIP 2 has 378, the same patches.
 */
export const siglipConfigs = {
  siglipBase16At224: siglip(vision(BASE, 16, 224), text(BASE, ENGLISH)),
  siglipBase16At256: siglip(vision(BASE, 16, 256), text(BASE, ENGLISH)),
  siglipBase16At384: siglip(vision(BASE, 16, 384), text(BASE, ENGLISH)),
  siglipBase16At512: siglip(vision(BASE, 16, 512), text(BASE, ENGLISH)),
  siglipBase16At256Multilingual: siglip(vision(BASE, 16, 256), text(BASE, MULTILINGUAL)),
  siglipLarge16At256: siglip(vision(LARGE, 16, 256), text(LARGE, ENGLISH)),
  siglipLarge16At384: siglip(vision(LARGE, 16, 384), text(LARGE, ENGLISH)),
  siglipSo400m14At224: siglip(vision(SO400M, 14, 224), text(SO400M, ENGLISH, 16)),
  siglipSo400m14At384: siglip(vision(SO400M, 14, 384), text(SO400M, ENGLISH)),
  siglipSo400m16At256Multilingual: siglip(vision(SO400M, 16, 256), text(SO400M, MULTILINGUAL)),
  siglip2Base32At256: siglip(vision(BASE, 32, 256), text(BASE, SECOND)),
  siglip2Base16At224: siglip(vision(BASE, 16, 224), text(BASE, SECOND)),
  siglip2Base16At256: siglip(vision(BASE, 16, 256), text(BASE, SECOND)),
  siglip2Base16At384: siglip(vision(BASE, 16, 384), text(BASE, SECOND)),
  siglip2Base16At512: siglip(vision(BASE, 16, 512), text(BASE, SECOND)),
  siglip2Large16At256: siglip(vision(LARGE, 16, 256), text(LARGE, SECOND)),
  siglip2Large16At384: siglip(vision(LARGE, 16, 384), text(LARGE, SECOND)),
  siglip2Large16At512: siglip(vision(LARGE, 16, 512), text(LARGE, SECOND)),
  siglip2So400m14At224: siglip(vision(SO400M, 14, 224), text(SO400M, SECOND)),
  siglip2So400m14At378: siglip(vision(SO400M, 14, 378), text(SO400M, SECOND)),
  siglip2So400m14At384: siglip(vision(SO400M, 14, 384), text(SO400M, SECOND)),
  siglip2So400m16At256: siglip(vision(SO400M, 16, 256), text(SO400M, SECOND)),
  siglip2So400m16At384: siglip(vision(SO400M, 16, 384), text(SO400M, SECOND)),
  siglip2So400m16At512: siglip(vision(SO400M, 16, 512), text(SO400M, SECOND)),
  siglip2GiantOpt16At256: siglip(vision(GIANT_OPT, 16, 256), text(SO400M, SECOND)),
  siglip2GiantOpt16At384: siglip(vision(GIANT_OPT, 16, 384), text(SO400M, SECOND)),
} as const satisfies Record<string, ClipConfig>;
