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

/** The architectures of OpenAI's vision transformers (Radford et al., table 20), as data. */
export const clipConfigs = {
  vitB32: { embedDim: 512, vision: vision(768, 12, 32), text: text(512) },
  vitB16: { embedDim: 512, vision: vision(768, 12, 16), text: text(512) },
  vitL14: { embedDim: 768, vision: vision(1024, 24, 14), text: text(768) },
  vitL14At336: { embedDim: 768, vision: vision(1024, 24, 14, 336), text: text(768) },
} as const satisfies Record<string, ClipConfig>;
