import type { ClipConfig, TowerConfig } from '../clip/config.js';

/**
 * Name and shape of every weight of a CLIP model as this library's layers hold them (kernels are [in, out]): what each
 * scheme of foreign names is mapped to.
 */
export function canonicalShapes(config: ClipConfig): Map<string, number[]> {
  const { vision, text, embedDim } = config;
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  return new Map<string, number[]>([
    ['vision/patches/kernel', [vision.patchSize, vision.patchSize, 3, vision.width]],
    ['vision/patches/class_token', [vision.width]],
    ['vision/positions/positions', [patches + 1, vision.width]],
    ...normShapes('vision/pre_norm', vision.width),
    ...towerShapes('vision', vision),
    ...normShapes('vision/post_norm', vision.width),
    ['vision/projection/kernel', [vision.width, embedDim]],
    ['text/token_embedding/embeddings', [text.vocabularySize, text.width]],
    ['text/positions/positions', [text.contextLength, text.width]],
    ...towerShapes('text', text),
    ...normShapes('text/final_norm', text.width),
    ['text/projection/kernel', [text.width, embedDim]],
    ['logits/logit_scale', []],
  ]);
}

function towerShapes(tower: string, { layers, width, mlpWidth }: TowerConfig): [string, number[]][] {
  return Array.from({ length: layers }, (_, index) => `${tower}/block_${index}`).flatMap((block) => [
    ...normShapes(`${block}/norm_1`, width),
    ...linearShapes(`${block}/attention/qkv`, width, 3 * width),
    ...linearShapes(`${block}/attention/out`, width, width),
    ...normShapes(`${block}/norm_2`, width),
    ...linearShapes(`${block}/mlp/up`, width, mlpWidth),
    ...linearShapes(`${block}/mlp/down`, mlpWidth, width),
  ]);
}

function normShapes(name: string, width: number): [string, number[]][] {
  return [
    [`${name}/gamma`, [width]],
    [`${name}/beta`, [width]],
  ];
}

function linearShapes(name: string, inputs: number, outputs: number): [string, number[]][] {
  return [
    [`${name}/kernel`, [inputs, outputs]],
    [`${name}/bias`, [outputs]],
  ];
}
