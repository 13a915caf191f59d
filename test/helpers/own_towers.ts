import * as tf from '@tensorflow/tfjs-core';
import { layers as plain, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tokenPool } from '../../layers/index.js';
import type { TokenBackbone } from '../../src/backbone/backbone.js';
import type { Towers } from '../../src/backbone/contract.js';
import { buildTowers, readTowers, type ClipTowers, type OwnTowersConfig } from '../../src/clip/build_towers.js';
import { CLIP_IMAGE_STATISTICS } from '../../src/clip/config.js';
import { tinyTokenizer } from './tiny_clip.js';

/** A convolutional image tower without places for prompts, and a recurrent text tower with one, at its input. */
export const OWN_CONFIG: OwnTowersConfig = {
  embedDim: 16,
  vision: { width: 8, layers: 0, imageSize: 16 },
  text: { width: 24, layers: 1, contextLength: 20, vocabularySize: 560 },
};

/** Towers of plain layers of tfjs, two of which compute something else in training: batch normalisation and dropout. */
export const OWN_TOWERS: Towers = {
  image(images, { source }) {
    const layers = [
      source('vision/conv_0', (name) => plain.conv2d({ name, filters: 6, kernelSize: 3, strides: 2, padding: 'same' })),
      source('vision/norm_0', (name) => plain.batchNormalization({ name })),
      source('vision/elu_0', (name) => plain.elu({ name })),
      source('vision/conv_1', (name) => plain.conv2d({ name, filters: 8, kernelSize: 3, strides: 2 })),
      source('vision/dropout', (name) => plain.dropout({ name, rate: 0.5 })),
      source('vision/flat', (name) => plain.flatten({ name })),
      source('vision/projection', (name) => plain.dense({ name, units: 16 })),
    ];
    return layers.reduce((x, layer) => layer.apply(x) as SymbolicTensor, images);
  },
  text({ embeddings, ends }, { source, prompt }) {
    const recurrent = source('text/gru', (name) =>
      plain.gru({ name, units: 20, returnSequences: true, recurrentInitializer: 'glorotUniform' }),
    );
    const states = recurrent.apply(prompt(embeddings, 0)) as SymbolicTensor;
    const last = source('text/last', (name) => tokenPool({ name, query: 'given' })).apply([states, ends]);
    const map = source('text/projection', (name) => plain.dense({ name, units: 16 }));
    return map.apply(last) as SymbolicTensor;
  },
};

/** Gives every weight of the towers but the head's random values, moving variances positive ones. */
export function randomiseTowers({ image, text }: ClipTowers<OwnTowersConfig>): void {
  for (const [seed, weight] of [...image.weights, ...text.weights].entries()) {
    tf.tidy(() => {
      // To tfjs a seed of 0 is none.
      const values = tf.randomNormal(weight.shape as number[], 0, 0.4, 'float32', seed + 1);
      weight.write(/variance|gamma/.test(weight.originalName) ? tf.add(tf.abs(values), 0.5) : values);
    });
  }
}

/** A random backbone of {@link OWN_TOWERS}, or of others, the same at every call. */
export async function ownBackbone({ config = OWN_CONFIG, towers = OWN_TOWERS } = {}): Promise<TokenBackbone> {
  const pair = buildTowers(config, towers);
  randomiseTowers(pair);
  const weights = await readTowers(pair);
  const known = (name: string) => weights.get(name) ?? { shape: [], values: new Float32Array() };
  [pair.image, pair.text].forEach((model) => model.dispose());
  pair.logits.dispose();
  return {
    name: 'own',
    identity: 'own-identity',
    config,
    towers,
    tokenizer: await tinyTokenizer(),
    weights: { names: [...weights.keys()], shape: (name) => known(name).shape, read: async (name) => known(name) },
    imageStatistics: CLIP_IMAGE_STATISTICS,
  };
}
