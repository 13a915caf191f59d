import { patchCount, type ClipConfig, type TowerConfig } from '../clip/config.js';

/**
 * Name and shape of every weight of a CLIP-like model as this library's layers hold them (kernels are [in, out]): what
 * each scheme of foreign names is mapped to.
 */
export function canonicalShapes(config: ClipConfig): Map<string, number[]> {
  const { text, embedDim, logitBias = false } = config;
  return new Map([
    ...imageShapes(config),
    shape('text/token_embedding/embeddings', text.vocabularySize, text.width),
    shape('text/positions/positions', text.contextLength, text.width),
    ...towerShapes('text', text),
    ...normShapes('text/final_norm', text.width),
    shape('text/projection/kernel', text.width, embedDim),
    ...(text.projectionBias ? [shape('text/projection/bias', embedDim)] : []),
    shape('logits/logit_scale'),
    ...(logitBias ? [shape('logits/logit_bias')] : []),
  ]);
}

type Entry = [name: string, shape: number[]];

function shape(name: string, ...sides: number[]): Entry {
  return [name, sides];
}

function imageShapes({ vision, embedDim }: ClipConfig): Entry[] {
  const { width, mlpWidth, patchSize, pooling = 'classToken', preNorm = true, projection = true } = vision;
  const hasClassToken = pooling === 'classToken';
  return [
    shape('vision/patches/kernel', patchSize, patchSize, 3, width),
    ...(vision.patchBias ? [shape('vision/patches/bias', width)] : []),
    ...(hasClassToken ? [shape('vision/patches/class_token', width)] : []),
    shape('vision/positions/positions', patchCount(vision) + (hasClassToken ? 1 : 0), width),
    ...(preNorm ? normShapes('vision/pre_norm', width) : []),
    ...towerShapes('vision', vision),
    ...normShapes('vision/post_norm', width),
    ...(hasClassToken ? [] : attentionPoolShapes('vision/pool', width, mlpWidth)),
    ...(projection ? [shape('vision/projection/kernel', width, embedDim)] : []),
  ];
}

function attentionPoolShapes(name: string, width: number, mlpWidth: number): Entry[] {
  return [
    shape(`${name}/probe`, 1, 1, width),
    ...linearShapes(`${name}/attention/qkv`, width, 3 * width),
    ...linearShapes(`${name}/attention/out`, width, width),
    ...normShapes(`${name}/norm`, width),
    ...linearShapes(`${name}/mlp/up`, width, mlpWidth),
    ...linearShapes(`${name}/mlp/down`, mlpWidth, width),
  ];
}

function towerShapes(tower: string, { layers, width, mlpWidth }: TowerConfig): Entry[] {
  return Array.from({ length: layers }, (_, index) => `${tower}/block_${index}`).flatMap((block) => [
    ...normShapes(`${block}/norm_1`, width),
    ...linearShapes(`${block}/attention/qkv`, width, 3 * width),
    ...linearShapes(`${block}/attention/out`, width, width),
    ...normShapes(`${block}/norm_2`, width),
    ...linearShapes(`${block}/mlp/up`, width, mlpWidth),
    ...linearShapes(`${block}/mlp/down`, mlpWidth, width),
  ]);
}

function normShapes(name: string, width: number): Entry[] {
  return [shape(`${name}/gamma`, width), shape(`${name}/beta`, width)];
}

function linearShapes(name: string, inputs: number, outputs: number): Entry[] {
  return [shape(`${name}/kernel`, inputs, outputs), shape(`${name}/bias`, outputs)];
}
