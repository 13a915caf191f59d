import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { CLIP_IMAGE_STATISTICS, type ClipConfig } from '../../src/clip/config.js';
import { loadClipTokenizer } from '../../src/node/clip_tokenizer.js';
import { fileSource } from '../../src/node/file_source.js';
import type { PromptDesign } from '../../src/prompting/design.js';
import { openClipWeights } from '../../src/weights/open_clip.js';
import { openSafetensors, type SafetensorsFile } from '../../src/weights/safetensors.js';
import { officialPromptName } from '../../src/weights/official_prompts.js';
import { compactTokenizer } from '../helpers/compact_tokenizer.js';
import { fixturePath } from '../helpers/fixtures.js';

/** One training run of the official code, as the manifest tells it. */
export interface Run {
  method: string;
  depth?: number;
  length?: number;
  depth_text?: number;
  depth_vision?: number;
  length_text?: number;
  length_vision?: number;
  prefix: string;
  trainable_parameters: number;
  lr: number;
  momentum: number;
  weight_decay: number;
  steps: number;
}

/** What tiny-clip/manifest.json holds. */
export interface Manifest {
  architecture: {
    embed_dim: number;
    image_resolution: number;
    vision_layers: number;
    vision_width: number;
    vision_patch_size: number;
    context_length: number;
    transformer_width: number;
    transformer_heads: number;
    transformer_layers: number;
    vocab_size: number;
  };
  base: string[];
  new: string[];
  runs: Record<string, Run>;
  compact_vocabulary: number[];
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(fixturePath('tiny-clip', 'manifest.json'), 'utf8')) as Manifest;
}

/** Opens a file of tiny-clip/. */
export async function openFixture(name: string): Promise<SafetensorsFile> {
  return openSafetensors(await fileSource(fixturePath('tiny-clip', `${name}.safetensors`)));
}

export async function tensorOf(file: SafetensorsFile, name: string): Promise<tf.Tensor> {
  const { shape, values } = await file.read(name);
  return tf.tensor(values, shape);
}

/** The fixture's CLIP: OpenAI's names, CLIP's own tokeniser, and only the rows of the vocabulary that the texts use. */
export async function fixtureBackbone(manifest: Manifest): Promise<TransformerBackbone> {
  const weights = await fileSource(fixturePath('tiny-clip', 'clip.safetensors'));
  const opened = await openClipWeights({ weights });
  const config = manifestConfig(manifest);
  // The tensors' shapes tell everything but the number of heads.
  expect({ ...opened.config, text: { ...opened.config.text, heads: config.text.heads } }).toEqual(config);
  return {
    weights: opened.weights,
    config,
    name: 'tiny-clip',
    identity: 'fixture',
    imageStatistics: CLIP_IMAGE_STATISTICS,
    tokenizer: compactTokenizer(await loadClipTokenizer(), manifest.compact_vocabulary),
  };
}

/** The manifest's architecture as a configuration; OpenAI's image towers have heads of 64. */
function manifestConfig({ architecture: a }: Manifest): ClipConfig {
  const common = { activation: 'quickGelu', epsilon: 1e-5 } as const;
  return {
    embedDim: a.embed_dim,
    vision: {
      ...common,
      width: a.vision_width,
      layers: a.vision_layers,
      heads: Math.floor(a.vision_width / 64),
      mlpWidth: 4 * a.vision_width,
      imageSize: a.image_resolution,
      patchSize: a.vision_patch_size,
    },
    text: {
      ...common,
      width: a.transformer_width,
      layers: a.transformer_layers,
      heads: a.transformer_heads,
      mlpWidth: 4 * a.transformer_width,
      contextLength: a.context_length,
      vocabularySize: a.vocab_size,
    },
  };
}

/** The prompt design of a run. */
export function designOf(run: Run): PromptDesign {
  const { depth = 1, length = 0 } = run;
  const random = /^X( X)*$/.test(run.prefix);
  const common = { initialization: random ? 'random' : 'words', prefix: run.prefix } as const;
  const none = { visionDepth: 0, visionLength: 0, coupling: 'none' } as const;
  const coupled = { textDepth: depth, textLength: length, visionDepth: depth, visionLength: length };
  switch (run.method) {
    case 'coop':
      return { textDepth: 1, textLength: length, ...none, ...common };
    case 'cocoop':
      return { textDepth: 1, textLength: length, ...none, ...common, conditioning: 'metaNet' };
    case 'deep-language':
      return { textDepth: depth, textLength: length, ...none, ...common };
    case 'vpt':
      return { textDepth: 0, textLength: 0, visionDepth: depth, visionLength: length, coupling: 'none', ...common };
    case 'ivlp':
      return {
        textDepth: run.depth_text as number,
        textLength: run.length_text as number,
        visionDepth: run.depth_vision as number,
        visionLength: run.length_vision as number,
        coupling: 'none',
        ...common,
      };
    case 'maple':
      return { ...coupled, coupling: 'perLayer', ...common };
    case 'maple-unified':
      return { ...coupled, coupling: 'unified', ...common };
    default:
      throw new Error(`The manifest has a run of a method that is not known: ${run.method}.`);
  }
}

/** The tensors of a run's file that begin with `prefix`, by our names and in our layout. */
export async function promptTensors(
  file: SafetensorsFile,
  prefix: 'init' | 'grad' | 'after',
  design: PromptDesign,
): Promise<Map<string, tf.Tensor>> {
  const tensors = new Map<string, tf.Tensor>();
  for (const name of file.names.filter((candidate) => candidate.startsWith(`${prefix}.`))) {
    const official = officialPromptName(name.slice(prefix.length + 1), design.coupling === 'unified');
    const value = await tensorOf(file, name);
    tensors.set(official.name, official.transposed ? tf.transpose(value) : value);
  }
  return tensors;
}
