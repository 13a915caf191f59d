import type { ClipConfig, TextConfig, TowerConfig, VisionConfig } from './config.js';

/** What OpenAI's models have in common. */
const OPENAI = { activation: 'quickGelu', epsilon: 1e-5 } as const;

/** A tower of OpenAI's: heads of 64, an MLP four times as wide. */
function tower(width: number, layers: number): TowerConfig {
  return { width, layers, heads: width / 64, mlpWidth: 4 * width, ...OPENAI };
}

function vision(width: number, layers: number, patchSize: number, imageSize = 224): VisionConfig {
  return { ...tower(width, layers), imageSize, patchSize };
}

function text(width: number): TextConfig {
  return { ...tower(width, 12), contextLength: 77, vocabularySize: 49408 };
}

/** A tower of LAION's: exact GELU; at the larger sizes the heads and the MLP are of other widths than OpenAI's. */
function laion(width: number, layers: number, heads: number, mlpWidth: number): TowerConfig {
  return { width, layers, heads, mlpWidth, activation: 'gelu', epsilon: 1e-5 };
}

function laionText(width: number, layers: number): TextConfig {
  return { ...laion(width, layers, width / 64, 4 * width), contextLength: 77, vocabularySize: 49408 };
}

/**
 * The published architectures of CLIP's form as data: OpenAI's vision transformers (Radford et al., table 20; `vitB32` to
 * `vitL14At336`, with QuickGELU) and the further sizes of OpenCLIP, with LAION's exact GELU; `vitH14At378` is DFN's, with
 * QuickGELU. Another publisher's model of a size may have the other activation: {@link publishedBackbones} tells whose.
 */
export const clipConfigs = {
  vitB32: { embedDim: 512, vision: vision(768, 12, 32), text: text(512) },
  vitB16: { embedDim: 512, vision: vision(768, 12, 16), text: text(512) },
  vitL14: { embedDim: 768, vision: vision(1024, 24, 14), text: text(768) },
  vitL14At336: { embedDim: 768, vision: vision(1024, 24, 14, 336), text: text(768) },
  vitB32At256: {
    embedDim: 512,
    vision: { ...laion(768, 12, 12, 3072), imageSize: 256, patchSize: 32 },
    text: laionText(512, 12),
  },
  vitB16Plus240: {
    embedDim: 640,
    vision: { ...laion(896, 12, 14, 3584), imageSize: 240, patchSize: 16 },
    text: laionText(640, 12),
  },
  vitH14: {
    embedDim: 1024,
    vision: { ...laion(1280, 32, 16, 5120), imageSize: 224, patchSize: 14 },
    text: laionText(1024, 24),
  },
  vitH14At378: {
    embedDim: 1024,
    vision: { ...laion(1280, 32, 16, 5120), activation: 'quickGelu', imageSize: 378, patchSize: 14 },
    text: { ...laionText(1024, 24), activation: 'quickGelu' },
  },
  vitG14: {
    embedDim: 1024,
    vision: { ...laion(1408, 40, 16, 6144), imageSize: 224, patchSize: 14 },
    text: laionText(1024, 24),
  },
  vitBigG14: {
    embedDim: 1280,
    vision: { ...laion(1664, 48, 16, 8192), imageSize: 224, patchSize: 14 },
    text: laionText(1280, 32),
  },
} as const satisfies Record<string, ClipConfig>;
