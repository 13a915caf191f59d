import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { l2Normalize } from '../../layers/functional.js';
import type { Backbone } from '../backbone/backbone.js';
import { frozenLayers } from '../backbone/layer_source.js';
import { loadWeights } from '../backbone/load_weights.js';
import type { ClassSource, TextEmbeddings } from './class_source.js';
import { textTowerModel } from './text_tower_model.js';
import { towersOf } from './transformer_towers.js';

/** Texts computed at once: 80 templates of 1,000 classes are too many. */
const ROWS = 256;

/**
 * The text features of classes whose texts no prompt changes. The features of several templates are scaled to unit
 * length and averaged (Radford et al., ICML 2021, section 3.1.4); the head scales the mean to unit length again.
 *
 * @returns [classes, embedDim]
 */
export async function fixedTextFeatures(
  backbone: Backbone,
  { classes, templates, length }: ClassSource,
  embeddings: TextEmbeddings,
  pruned: boolean,
): Promise<tf.Tensor2D> {
  const { config, weights } = backbone;
  const tower = textTowerModel(towersOf(backbone), config, frozenLayers, pruned, length);
  try {
    await loadWeights(tower.layers, weights);
    return tf.tidy(() => {
      const texts = classes * templates;
      const starts = Array.from({ length: Math.ceil(texts / ROWS) }, (_, chunk) => chunk * ROWS);
      const features = tf.concat(
        starts.map((start) => tf.tidy(() => featuresOf(tower, embeddings.rows(start, Math.min(start + ROWS, texts))))),
      );
      if (templates === 1) {
        return features as tf.Tensor2D;
      }
      return tf.mean(tf.reshape(l2Normalize(features), [classes, templates, config.embedDim]), 1) as tf.Tensor2D;
    });
  } finally {
    tower.dispose();
  }
}

function featuresOf(tower: LayersModel, rows: [tf.Tensor, tf.Tensor]): tf.Tensor {
  return tower.apply(rows) as tf.Tensor;
}
