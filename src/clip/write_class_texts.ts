import * as tf from '@tensorflow/tfjs-core';
import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { classTokensName } from '../backbone/layer_names.js';
import type { ClassChunk, ClassSource, TextEmbeddings } from './class_source.js';
import { fixedTextFeatures } from './fixed_text.js';

/** Tells a graph its class texts: their token embeddings, or the features of texts that nothing changes. */
export async function writeClassTexts(
  model: LayersModel,
  backbone: Backbone,
  source: ClassSource,
  embeddings: TextEmbeddings,
  pruned: boolean,
): Promise<void> {
  if (model.layers.some(({ name }) => name === 'text/features')) {
    const features = await fixedTextFeatures(backbone, source, embeddings, pruned);
    model.getLayer('text/features').setWeights([features]);
    features.dispose();
    return;
  }
  const whole = model.layers.find(({ name }) => name === classTokensName());
  source.chunks.forEach((chunk, index) => {
    writeClassTokens(whole ?? model.getLayer(classTokensName(index)), chunk, embeddings);
  });
}

function writeClassTokens(
  layer: layers.Layer,
  { from, classes, slots, packing }: ClassChunk,
  embeddings: TextEmbeddings,
): void {
  tf.tidy(() => {
    if (packing && embeddings.packed) {
      const { positions, places, real, ends } = packing;
      const packed = embeddings.packed(packing);
      layer.setWeights([packed, ...[positions, places, real, ends].map((values) => tf.tensor(values))]);
    } else {
      const rows = embeddings.rows(from, from + classes);
      layer.setWeights([...rows, ...(slots ? [tf.tensor2d(slots as number[][])] : [])]);
    }
  });
}

/** Starts the first text prompt from what the texts say, where they say something. */
export function writeFirstPrompt(model: LayersModel, { firstPrompt }: TextEmbeddings): void {
  const layer = model.layers.find(({ name }) => name === 'text/prompt_0');
  if (layer === undefined || firstPrompt === undefined) {
    return;
  }
  tf.tidy(() => {
    // Where every class has a prompt of its own, all start alike.
    const [shape] = layer.weights.map((weight) => weight.shape as number[]);
    layer.setWeights([tf.add(tf.zeros(shape), firstPrompt())]);
  });
}
