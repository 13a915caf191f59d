import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { modelMetadata } from '../clip/model_metadata.js';
import type { Picture } from '../data/picture.js';
import { testTransform, toFloat } from '../data/preprocess.js';
import { mustHold } from '../training/must_hold.js';
import { reasonOf, type Skipped } from './image_folder.js';
import { readPicture } from './pictures.js';

/** What a model takes a picture for. */
export interface Answer {
  className: string;
  /** 0 to 1; over all classes of the model they sum to 1. */
  probability: number;
}

/** A picture and the classes most like it, the likeliest first. */
export interface ClassifiedPicture {
  path: string;
  answers: Answer[];
}

/** What {@link classifyPictures} gives. */
export interface Classification {
  classified: ClassifiedPicture[];
  /** Files that could not be read, and why. */
  skipped: Skipped[];
}

/** Options of {@link classifyPictures}. */
export interface ClassifyOptions {
  /** Answers a picture, at most the number of classes. Default: 3. */
  top?: number;
  /** Pictures at once. Default: 32. */
  batchSize?: number;
  /** Told the number of pictures done after each batch. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Classifies picture files: the short side resized to the model's input, the centre cut out. A file that is no picture
 * is skipped and listed.
 *
 * @param model - a model of this library, as {@link loadClassifier} or `buildClip` gives it; folded ones are faster
 */
export async function classifyPictures(
  model: LayersModel,
  paths: readonly string[],
  { top = 3, batchSize = 32, onProgress }: ClassifyOptions = {},
): Promise<Classification> {
  for (const [name, value] of Object.entries({ top, batchSize })) {
    mustHold(name, value, Number.isInteger(value) && value > 0, 'a positive integer');
  }
  const { config } = modelMetadata(model);
  const classified: ClassifiedPicture[] = [];
  const skipped: Skipped[] = [];
  for (let start = 0; start < paths.length; start += batchSize) {
    const members = paths.slice(start, start + batchSize);
    const read = await Promise.all(
      members.map((path) =>
        readPicture(path).then(
          (picture) => ({ path, picture: testTransform(picture, config.vision.imageSize) }),
          (error) => ({ path, reason: reasonOf(error) }),
        ),
      ),
    );
    skipped.push(...read.filter((entry) => 'reason' in entry));
    const readable = read.filter((entry) => 'picture' in entry);
    const answers = await answersOf(
      model,
      readable.map(({ picture }) => picture),
      top,
    );
    classified.push(...readable.map(({ path }, index) => ({ path, answers: answers[index] })));
    onProgress?.(start + members.length, paths.length);
  }
  return { classified, skipped };
}

async function answersOf(model: LayersModel, pictures: readonly Picture[], top: number): Promise<Answer[][]> {
  if (pictures.length === 0) {
    return [];
  }
  const { classNames, config, imageStatistics } = modelMetadata(model);
  const size = config.vision.imageSize;
  const probabilities = tf.tidy(() => {
    const images = tf.tensor4d(toFloat(pictures, imageStatistics), [pictures.length, size, size, 3]);
    return tf.softmax(model.predict(images) as tf.Tensor2D);
  });
  const rows = await probabilities.array();
  probabilities.dispose();
  return rows.map((row) =>
    row
      .map((probability, label) => ({ className: classNames[label], probability }))
      .sort((one, other) => other.probability - one.probability)
      .slice(0, top),
  );
}
