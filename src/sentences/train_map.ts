import * as tf from '@tensorflow/tfjs-core';
import { INITIAL_LOGIT_SCALE } from '../../layers/cosine_logits.js';
import { MapleError } from '../../layers/errors.js';
import { l2Normalize } from '../../layers/functional.js';
import { Random } from '../random.js';
import { AdamW } from '../training/adamw.js';
import { clippedLogitScale, symmetricCrossEntropy } from '../training/contrastive.js';
import { mustHold } from '../must_hold.js';
import type { AlignedMap } from './sentence_backbone.js';

/** How the map is trained. */
export interface TrainMapSettings {
  /** Passes over the pairs. Default: 20. */
  epochs?: number;
  /** Pairs a step, told apart from each other. Default: 256, or all where there are fewer. */
  batchSize?: number;
  /** Step size of AdamW at the start; it falls to 0 as a cosine. Default: 0.003. */
  learningRate?: number;
  /** Share of the map that goes each step, times the learning rate. Default: 0.01. */
  weightDecay?: number;
  /** Decides the map's start and the order of pairs. Default: 1. */
  seed?: number;
  /** Told after every epoch, counted from 1. */
  onEpoch?: (epoch: number, loss: number) => void;
}

/** What is worked out of the pairs beforehand, since nothing of it changes. */
export interface PairFeatures {
  /** [pairs, embedDim] */
  images: tf.Tensor2D;
  /** [different captions, width] */
  captions: tf.Tensor2D;
  /** Which caption is each picture's. */
  captionOf: readonly number[];
}

/**
 * Trains a linear map, and a temperature, so that each picture is nearest to its own caption and the reverse, among those
 * of its batch (Radford et al., figure 3). Pictures of the same caption count as each other's.
 * @throws MapleError for a setting out of its range, or when the loss is not finite
 */
export async function trainMap(features: PairFeatures, settings: TrainMapSettings = {}): Promise<AlignedMap> {
  const { images, captions, captionOf } = features;
  const { epochs = 20, learningRate = 3e-3, weightDecay = 0.01, seed = 1, onEpoch } = settings;
  checkMapSettings(settings);
  const batchSize = Math.min(settings.batchSize ?? 256, captionOf.length);
  const [width, units] = [captions.shape[1], images.shape[1]];
  const random = new Random(seed);
  const start = tf.tidy(() =>
    tf.randomNormal([width, units], 0, 1 / Math.sqrt(width), 'float32', random.fork('map').seed),
  );
  const [kernel, scale] = [tf.variable(start), tf.tidy(() => tf.variable(tf.scalar(INITIAL_LOGIT_SCALE)))];
  const optimizer = new AdamW({ learningRate, weightDecay });
  const steps = Math.floor(captionOf.length / batchSize);
  const lossOf = (batch: readonly number[]): tf.Scalar => {
    const ids = batch.map((pair) => captionOf[pair]);
    const pictures = l2Normalize(tf.gather(images, batch as number[]));
    const sentences = l2Normalize(tf.matMul(tf.gather(captions, ids), kernel));
    const logits = tf.mul(tf.matMul(pictures, sentences, false, true), tf.exp(scale)) as tf.Tensor2D;
    return symmetricCrossEntropy(logits, sameCaption(ids));
  };
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.fork('order', epoch).shuffle(captionOf.map((_, pair) => pair));
      let total = 0;
      for (let step = 0; step < steps; step++) {
        const progress = (epoch * steps + step) / (epochs * steps);
        optimizer.setLearningRate((learningRate * (1 + Math.cos(Math.PI * progress))) / 2);
        const batch = order.slice(step * batchSize, (step + 1) * batchSize);
        const loss = optimizer.minimize(() => lossOf(batch), true, [kernel, scale]) as tf.Scalar;
        tf.tidy(() => scale.assign(clippedLogitScale(scale) as tf.Scalar));
        total += (await loss.data())[0];
        loss.dispose();
      }
      mustBeFinite(total, epoch);
      onEpoch?.(epoch + 1, total / steps);
    }
    const values = Float32Array.from(await kernel.data());
    const [logitScale] = await scale.data();
    return { kernel: { shape: [width, units], values }, logitScale };
  } finally {
    optimizer.dispose();
    tf.dispose([start, kernel, scale]);
  }
}

/** @throws MapleError for a setting out of its range */
export function checkMapSettings({
  epochs = 1,
  batchSize = 2,
  learningRate = 1,
  weightDecay = 0,
}: TrainMapSettings): void {
  mustHold('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a positive integer');
  mustHold('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 1, 'an integer of 2 or more');
  mustHold('learningRate', learningRate, learningRate > 0, 'a positive number');
  mustHold('weightDecay', weightDecay, weightDecay >= 0, 'a number of 0 or more');
}

/** [B, B]: of each picture, the captions that read as its own, of sum 1. */
function sameCaption(ids: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => {
    const column = tf.tensor2d(ids as number[], [ids.length, 1], 'int32');
    const same = tf.cast(tf.equal(column, tf.transpose(column)), 'float32');
    return tf.div(same, tf.sum(same, 1, true));
  });
}

function mustBeFinite(loss: number, epoch: number): void {
  if (!Number.isFinite(loss)) {
    throw new MapleError(`The loss must be finite. Received: ${loss} in epoch ${epoch + 1}. Lower the learning rate.`);
  }
}
