import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l2Normalize } from '../../layers/functional.js';
import type { ClassTexts } from '../prompting/class_texts.js';
import type { Backbone, WeightValues } from '../backbone/backbone.js';
import { embedTexts } from './clip_graph.js';
import { frozenLayers } from '../backbone/layer_source.js';
import { loadWeights } from '../backbone/load_weights.js';
import { textTowerModel } from './text_tower.js';

/** Texts computed at once: 80 templates of 1,000 classes are too many. */
const ROWS = 256;

/**
 * The text features of classes whose texts no prompt changes. The features of several templates are scaled to unit
 * length and averaged (Radford et al., ICML 2021, section 3.1.4); the head scales the mean to unit length again.
 *
 * @returns [classes, embedDim]
 */
export async function fixedTextFeatures(
  backbone: Pick<Backbone, 'config' | 'weights'>,
  { ids }: ClassTexts,
  table: WeightValues,
  pruned: boolean,
): Promise<tf.Tensor2D> {
  const { config, weights } = backbone;
  const tower = textTowerModel(config, frozenLayers, pruned);
  try {
    await loadWeights(tower.layers, weights);
    return tf.tidy(() => {
      const texts = ids.flat();
      const longest = pruned ? Math.max(...texts.map((text) => text.length)) : config.text.contextLength;
      const starts = Array.from({ length: Math.ceil(texts.length / ROWS) }, (_, chunk) => chunk * ROWS);
      const features = tf.concat(
        starts.map((start) => tf.tidy(() => featuresOf(tower, texts.slice(start, start + ROWS), table, longest))),
      );
      const templates = ids[0].length;
      if (templates === 1) {
        return features as tf.Tensor2D;
      }
      return tf.mean(tf.reshape(l2Normalize(features), [ids.length, templates, config.embedDim]), 1) as tf.Tensor2D;
    });
  } finally {
    tower.dispose();
  }
}

function featuresOf(tower: LayersModel, texts: number[][], table: WeightValues, length: number): tf.Tensor {
  return tower.apply(embedTexts(texts, table, length)) as tf.Tensor;
}
