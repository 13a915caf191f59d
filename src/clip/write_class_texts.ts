import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ClassTexts } from '../prompting/class_texts.js';
import type { Backbone, WeightValues } from '../backbone/backbone.js';
import { writeClassTokens } from './clip_graph.js';
import { fixedTextFeatures } from './fixed_text.js';

/** Tells a graph its class names: their token embeddings, or the features of texts that nothing changes. */
export async function writeClassTexts(
  model: LayersModel,
  backbone: Backbone,
  texts: ClassTexts,
  table: WeightValues,
  pruned: boolean,
): Promise<void> {
  if (model.layers.some(({ name }) => name === 'text/class_tokens')) {
    writeClassTokens(model, table, texts);
    return;
  }
  const features = await fixedTextFeatures(backbone, texts, table, pruned);
  model.getLayer('text/features').setWeights([features]);
  features.dispose();
}
