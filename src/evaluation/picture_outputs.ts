import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageStatistics } from '../clip/config.js';
import type { Example } from '../data/dataset.js';
import type { PictureLoader } from '../data/picture_loader.js';
import type { PictureTransform } from '../data/picture_transform.js';
import { Random } from '../random.js';
import { pictureBatches } from '../training/batches.js';

/** A picture, loaded when it is asked for. */
export type LoadablePicture = Pick<Example, 'name' | 'load' | 'path' | 'orientation'>;

/** What {@link pictureOutputs} is told of the pictures and the model they go through. */
export interface PictureOutputsArgs {
  imageSize: number;
  statistics: ImageStatistics;
  /** Default: as in tests. */
  transform?: PictureTransform;
  /** Where the transform's randomness comes from. Tests draw nothing from it. */
  random?: Random;
  /** Pictures at once. Default: 100. */
  batchSize?: number;
  /** Reads pictures that are files on other threads. */
  loader?: PictureLoader;
  /** Told the number of pictures done. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * What a model of one output gives for pictures, a batch at a time, in their order.
 * @returns [pictures, ...]; to be disposed by the caller
 */
export async function pictureOutputs(
  model: LayersModel,
  pictures: readonly LoadablePicture[],
  args: PictureOutputsArgs,
): Promise<tf.Tensor> {
  const { imageSize, statistics, batchSize = 100, loader, onProgress } = args;
  const batches = pictureBatches({
    examples: pictures.map((picture) => {
      const { name, path, orientation } = picture;
      return { label: 0, name, path, orientation, load: () => picture.load() };
    }),
    classCount: 1,
    batchSize,
    imageSize,
    statistics,
    transform: args.transform ?? { kind: 'test', size: imageSize },
    loader,
    random: args.random ?? new Random(0),
    shuffle: false,
    dropRemainder: false,
  });
  const parts: tf.Tensor[] = [];
  try {
    const iterator = await batches.iterator();
    let done = 0;
    for (let batch = await iterator.next(); !batch.done; batch = await iterator.next()) {
      const { xs, ys } = batch.value;
      parts.push(model.predict(xs, { batchSize }) as tf.Tensor);
      done += xs.shape[0];
      tf.dispose([xs, ys]);
      onProgress?.(done, pictures.length);
    }
    return tf.concat(parts);
  } finally {
    tf.dispose(parts);
  }
}
