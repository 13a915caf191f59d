import * as tf from '@tensorflow/tfjs-core';
import type { Callback, LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { isPromptLayer } from '../clip/layer_names.js';
import { modelMetadata } from '../clip/model_metadata.js';
import { augment } from '../data/augment.js';
import type { Example } from '../data/dataset.js';
import { Random } from '../random.js';
import { pictureBatches } from './batches.js';
import { NanGuard } from './nan_guard.js';
import { validateRecipe, type Recipe } from './recipe.js';
import { LearningRateSchedule } from './schedule.js';
import { promptSgd } from './sgd.js';

/** What {@link tunePrompts} needs. */
export interface TunePromptsArgs {
  /** A model of {@link buildClip}, its classes those of the examples' labels. */
  model: LayersModel;
  /** The few pictures of each class. */
  examples: readonly Example[];
  recipe: Recipe;
  /** Decides order and augmentation. Default: 1. */
  seed?: number;
  /** Progress bars and the like, told of every batch and epoch. */
  callbacks?: Callback[];
}

/** One epoch of a training. */
export interface EpochRecord {
  epoch: number;
  learningRate: number;
  /** Mean over the epoch's batches. */
  loss: number;
  /** Share of the epoch's augmented pictures that were classified right. */
  accuracy: number;
}

/** The loss of all recipes: cross-entropy of one-hot labels and logits, the mean over the batch. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

/**
 * Tunes a model's prompts and couplers by a recipe, through the standard `compile` and `fitDataset`: SGD with momentum
 * and L2 decay, the schedule by epoch, random crops and flips. The last epoch's weights stay.
 *
 * @returns the history; empty for a method that learns nothing
 * @throws MapleError for a recipe that cannot be trained by, trainable weights that are no prompts, or a loss that is
 * no number
 */
export async function tunePrompts({
  model,
  examples,
  recipe,
  seed = 1,
  callbacks = [],
}: TunePromptsArgs): Promise<EpochRecord[]> {
  const { classNames, config, imageStatistics: statistics } = modelMetadata(model);
  const strange = model.layers.filter(
    ({ name, trainableWeights }) => trainableWeights.length > 0 && !isPromptLayer(name),
  );
  if (strange.length > 0) {
    throw new MapleError(
      `Only prompts, couplers and the meta-net are to be tuned, but ${strange.map(({ name }) => name).join(', ')} can be trained too. ` +
        'Set `trainable` of these layers to false.',
    );
  }
  if (model.trainableWeights.length === 0) {
    return [];
  }
  validateRecipe(recipe);
  const { learningRate, momentum, weightDecay, batchSize, epochs, augmentation } = recipe;
  const size = config.vision.imageSize;
  const batches = pictureBatches({
    examples,
    classCount: classNames.length,
    batchSize,
    imageSize: size,
    statistics,
    transform: (picture, random) => augment(picture, random, { size, ...augmentation }),
    random: new Random(seed).fork('training'),
  });
  const optimizer = promptSgd({ learningRate, momentum, weightDecay });
  const schedule = new LearningRateSchedule(recipe);
  model.compile({ optimizer, loss: crossEntropy, metrics: ['accuracy'] });
  try {
    const { history } = await model.fitDataset(batches, {
      epochs,
      callbacks: [schedule, new NanGuard(), ...callbacks],
      verbose: 0,
    });
    return schedule.history.map((rate, epoch) => ({
      epoch,
      learningRate: rate,
      loss: Number(history.loss[epoch]),
      accuracy: Number(history.acc[epoch]),
    }));
  } finally {
    optimizer.dispose();
  }
}
