import type * as tf from '@tensorflow/tfjs-core';
import { input, model as modelOf, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { frozenLayers } from '../backbone/layer_source.js';
import { loadWeights } from '../backbone/load_weights.js';
import { towersOf } from '../clip/transformer_towers.js';
import { pictureOutputs, type LoadablePicture, type PictureOutputsArgs } from '../evaluation/picture_outputs.js';

/** How the image features of pictures are worked out. */
export type ImageFeaturesOptions = Pick<PictureOutputsArgs, 'batchSize' | 'loader' | 'onProgress'>;

/**
 * The image features of pictures by a backbone's image tower alone, without prompts, each picture made the tower's
 * input as in tests.
 * @returns [pictures, embedDim], not normalised; to be disposed by the caller
 */
export async function imageFeatures(
  backbone: Backbone,
  pictures: readonly LoadablePicture[],
  options: ImageFeaturesOptions = {},
): Promise<tf.Tensor2D> {
  const { imageStatistics: statistics, config } = backbone;
  const tower = await imageModel(backbone);
  try {
    const { imageSize } = config.vision;
    return (await pictureOutputs(tower, pictures, { imageSize, statistics, ...options })) as tf.Tensor2D;
  } finally {
    tower.dispose();
  }
}

/** Images [B, imageSize, imageSize, 3], normalised, to features [B, embedDim]. */
async function imageModel(backbone: Backbone): Promise<LayersModel> {
  const { imageSize } = backbone.config.vision;
  const images = input({ shape: [imageSize, imageSize, 3], name: 'images' });
  const context = {
    source: frozenLayers,
    prompt: <T>(tokens: T) => tokens,
    pruned: true,
    memory: { constant: true },
  };
  const tower = modelOf({ inputs: images, outputs: towersOf(backbone).image(images, context), name: 'image_tower' });
  await loadWeights(tower.layers, backbone.weights);
  return tower;
}
