import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { modelMetadata } from '../backbone/model_metadata.js';
import type { Example } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { transformFor, transformPicture, type PictureTransform } from '../data/picture_transform.js';
import { toFloat } from '../data/preprocess.js';
import { Random } from '../random.js';
import { mustHold } from '../must_hold.js';
import { mustBeNumbers } from './must_be_numbers.js';

/** What of an example a prediction needs. */
export type Loadable = Pick<Example, 'load' | 'path' | 'orientation'>;

/** What a model says of an example: the probability of each class, or why the picture could not be had. */
export type Prediction<T> = { example: T; probabilities: Float32Array } | { example: T; problem: MapleError };

/** A picture of the model's size, or why there is none. */
type Loaded<T> = { example: T; picture: Picture } | { example: T; problem: MapleError };

/** Settings of {@link predictExamples}. */
export interface PredictOptions {
  /** Pictures at once. Default: 32. */
  batchSize?: number;
  /** Reads the pictures on other threads. Default: this one does. */
  loader?: PictureLoader;
}

/** The names of {@link PredictOptions}. */
export const PREDICT_OPTIONS: SettingNames<PredictOptions> = { batchSize: true, loader: true };

/**
 * Runs a model over examples, in their order, a batch at a time: one batch is computed while the next is read, and no
 * more than these two are in memory, however many examples there are. An example that cannot be read is told of, and
 * the others go on.
 *
 * @param model - a model of this library; folded ones are faster
 * @throws MapleError for a setting out of its range, a model of another library, or one that gives NaN
 */
export async function* predictExamples<T extends Loadable>(
  model: LayersModel,
  examples: Iterable<T> | AsyncIterable<T>,
  options: PredictOptions = {},
): AsyncGenerator<Prediction<T>, void, undefined> {
  checkKnown('predictExamples', options, PREDICT_OPTIONS);
  const { batchSize = 32, loader } = options;
  mustHold('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 0, 'a positive integer');
  const { config, imageStatistics } = modelMetadata(model);
  const transform = transformFor({ kind: 'test', size: config.vision.imageSize }, imageStatistics);
  let ahead: Promise<Loaded<T>[]> | undefined;
  for await (const members of inBatches(examples, batchSize)) {
    const loading = Promise.all(members.map((example) => load(example, transform, loader)));
    // Thrown where it is awaited; until then it must not count as unhandled.
    loading.catch(() => undefined);
    if (ahead !== undefined) {
      yield* await predictBatch(model, await ahead);
    }
    ahead = loading;
  }
  if (ahead !== undefined) {
    yield* await predictBatch(model, await ahead);
  }
}

async function load<T extends Loadable>(
  example: T,
  transform: PictureTransform,
  loader?: PictureLoader,
): Promise<Loaded<T>> {
  try {
    const picture =
      loader === undefined || example.path === undefined
        ? transformPicture(await example.load(), transform, new Random(0))
        : await loader.load(example.path, transform, 0, example.orientation);
    return { example, picture };
  } catch (error) {
    if (error instanceof MapleError) {
      return { example, problem: error };
    }
    throw error;
  }
}

async function predictBatch<T extends Loadable>(
  model: LayersModel,
  loaded: readonly Loaded<T>[],
): Promise<Prediction<T>[]> {
  const readable = loaded.filter((entry) => 'picture' in entry);
  const rows = readable.length === 0 ? [] : await probabilitiesOf(model, readable);
  let row = 0;
  return loaded.map((entry) => ('picture' in entry ? { example: entry.example, probabilities: rows[row++] } : entry));
}

async function probabilitiesOf(
  model: LayersModel,
  readable: readonly { example: Loadable; picture: Picture }[],
): Promise<Float32Array[]> {
  const { classNames, config, imageStatistics } = modelMetadata(model);
  const size = config.vision.imageSize;
  const pictures = readable.map(({ picture }) => picture);
  const probabilities = tf.tidy(() => {
    const images = tf.tensor4d(toFloat(pictures, imageStatistics), [pictures.length, size, size, 3]);
    return tf.softmax(model.predict(images, { batchSize: pictures.length }) as tf.Tensor2D);
  });
  const values = await probabilities.data<'float32'>();
  probabilities.dispose();
  mustBeNumbers(values, classNames.length, (row) => readable[row].example.path ?? `picture ${row + 1} of the batch`);
  return pictures.map((_, index) => values.slice(index * classNames.length, (index + 1) * classNames.length));
}

async function* inBatches<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
