import * as tf from '@tensorflow/tfjs-core';
import { input, model as modelOf, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { frozenLayers } from '../backbone/layer_source.js';
import { loadWeights } from '../backbone/load_weights.js';
import { towersOf } from '../clip/transformer_towers.js';
import type { Example } from '../data/dataset.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { Random } from '../random.js';
import { pictureBatches } from '../training/batches.js';

/** A picture, loaded when it is asked for. */
export type LoadablePicture = Pick<Example, 'name' | 'load' | 'path' | 'orientation'>;

/** How the image features of pictures are worked out. */
export interface ImageFeaturesOptions {
  /** Pictures at once. Default: 100. */
  batchSize?: number;
  /** Reads pictures that are files on other threads. */
  loader?: PictureLoader;
  /** Told the number of pictures done. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * The image features of pictures by a backbone's image tower alone, without prompts, each picture made the tower's
 * input as in tests.
 * @returns [pictures, embedDim], not normalised; to be disposed by the caller
 */
export async function imageFeatures(
  backbone: Backbone,
  pictures: readonly LoadablePicture[],
  { batchSize = 100, loader, onProgress }: ImageFeaturesOptions = {},
): Promise<tf.Tensor2D> {
  const { imageStatistics: statistics, config } = backbone;
  const tower = await imageModel(backbone);
  const batches = pictureBatches({
    examples: pictures.map(({ name, path, orientation, load }) => ({ label: 0, name, path, orientation, load })),
    classCount: 1,
    batchSize,
    imageSize: config.vision.imageSize,
    statistics,
    transform: { kind: 'test', size: config.vision.imageSize },
    loader,
    random: new Random(0),
    shuffle: false,
    dropRemainder: false,
  });
  const parts: tf.Tensor2D[] = [];
  try {
    const iterator = await batches.iterator();
    let done = 0;
    for (let batch = await iterator.next(); !batch.done; batch = await iterator.next()) {
      const { xs, ys } = batch.value;
      parts.push(tower.predict(xs, { batchSize }) as tf.Tensor2D);
      done += xs.shape[0];
      tf.dispose([xs, ys]);
      onProgress?.(done, pictures.length);
    }
    return tf.concat(parts);
  } finally {
    tf.dispose(parts);
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
