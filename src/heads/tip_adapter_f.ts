import * as tf from '@tensorflow/tfjs-core';
import { nearness } from '../../layers/cache_logits.js';
import { Random } from '../random.js';
import { adamW } from '../training/adamw.js';
import { crossEntropy } from '../training/losses.js';
import { NO_KEY } from './cache_search.js';
import type { ClassTexts, PictureFeatures } from './features.js';
import type { FitArgs } from './fit_args.js';
import type { CacheHead } from './head.js';
import { fitTipAdapter, rowsOf, trialOf } from './tip_adapter.js';

/** Of the published code. */
const LEARNING_RATE = 1e-3;
const EPSILON = 1e-4;
const BATCH = 256;
const EPOCHS = 20;

/** What {@link fitTipAdapterF} is told beside the features. */
export interface FitTipAdapterFArgs extends FitArgs {
  /** Decides the order of the pictures, where they are more than a batch of 256. Default: 1. */
  seed?: number;
  /** Passes over the training pictures. Default: 20. */
  epochs?: number;
}

/**
 * Tip-Adapter-F (Zhang et al., ECCV 2022): Tip-Adapter whose keys are trained, from where they are.
 * @throws MapleError for features that do not fit the texts
 */
export async function fitTipAdapterF({ epochs = EPOCHS, seed = 1, ...args }: FitTipAdapterFArgs): Promise<CacheHead> {
  const start = await fitTipAdapter(args);
  const keys = trainKeys(start, args.train, args.texts, epochs, seed);
  const values = await keys.data<'float32'>();
  keys.dispose();
  const settings = { ...start.settings, kind: 'tipAdapterF' as const, epochs, trainedParameters: values.length };
  return { ...start, settings, keys: values };
}

export function trainKeys(
  { settings: { alpha, beta }, keys, width }: CacheHead,
  train: PictureFeatures,
  texts: ClassTexts,
  epochs: number,
  seed: number,
): tf.Tensor2D {
  const count = train.labels.length;
  const variable = tf.tidy(() => tf.variable(tf.tensor2d(keys, [keys.length / width, width])));
  const optimizer = adamW({ learningRate: LEARNING_RATE, epsilon: EPSILON });
  const random = new Random(seed);
  const batches = Math.ceil(count / BATCH);
  const all = tf.tidy(() => ({ ...trialOf(train, train, texts), features: rowsOf(train) }));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const places = train.labels.map((_, index) => index);
    const order = batches === 1 ? places : random.fork('order', epoch).shuffle(places);
    for (let batch = 0; batch < batches; batch++) {
      const step = epoch * batches + batch;
      optimizer.setLearningRate((LEARNING_RATE * (1 + Math.cos((Math.PI * step) / (epochs * batches)))) / 2);
      const members = order.slice(batch * BATCH, (batch + 1) * BATCH);
      tf.tidy(() => {
        const index = tf.tensor1d(members, 'int32');
        const features = tf.gather(all.features, index);
        const logits = tf.gather(all.logits, index);
        const targets = tf.gather(all.targets, index);
        const own = tf.mul(tf.oneHot(index, count), NO_KEY);
        optimizer.minimize(() => {
          const cosines = tf.matMul(features, variable as tf.Tensor2D, false, true);
          const near = nearness(tf.add(cosines, own), beta);
          const cache = tf.mul(tf.matMul(near, all.keyClasses), alpha);
          return crossEntropy(targets, tf.add(logits, cache)) as tf.Scalar;
        });
      });
    }
  }
  optimizer.dispose();
  tf.dispose({ ...all });
  return variable as unknown as tf.Tensor2D;
}
