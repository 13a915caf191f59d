import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import type { ClassSource, TextEmbeddings } from './class_source.js';
import { fixedTextFeatures } from './fixed_text.js';

/** Tells a graph its class texts: their token embeddings, or the features of texts that nothing changes. */
export async function writeClassTexts(
  model: LayersModel,
  backbone: Backbone,
  source: ClassSource,
  embeddings: TextEmbeddings,
  pruned: boolean,
): Promise<void> {
  if (model.layers.some(({ name }) => name === 'text/class_tokens')) {
    writeClassTokens(model, source, embeddings);
    return;
  }
  const features = await fixedTextFeatures(backbone, source, embeddings, pruned);
  model.getLayer('text/features').setWeights([features]);
  features.dispose();
}

function writeClassTokens(
  model: LayersModel,
  { classes, slots, packing }: ClassSource,
  embeddings: TextEmbeddings,
): void {
  const layer = model.getLayer('text/class_tokens');
  tf.tidy(() => {
    if (packing && embeddings.packed) {
      const { positions, places, real, ends } = packing;
      const packed = embeddings.packed(packing);
      layer.setWeights([packed, ...[positions, places, real, ends].map((values) => tf.tensor(values))]);
    } else {
      layer.setWeights([...embeddings.rows(0, classes), ...(slots ? [tf.tensor2d(slots as number[][])] : [])]);
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
