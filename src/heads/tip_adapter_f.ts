import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import { nearness } from '../../layers/cache_logits.js';
import { Random } from '../random.js';
import { adamW } from '../training/adamw.js';
import { crossEntropy } from '../training/losses.js';
import { mustHold } from '../must_hold.js';
import { NO_KEY, searchCache, type CacheTrial } from './cache_search.js';
import type { PictureFeatures } from './features.js';
import { countsOf, FIT_ARGS, type FitArgs } from './fit_args.js';
import type { CacheHead } from './head.js';
import { fitTipAdapter, rowsOf, trialOf } from './tip_adapter.js';

/** Of the published code. */
const LEARNING_RATE = 1e-3;
const EPSILON = 1e-4;
const BATCH = 256;
const EPOCHS = 20;

const FOLDS = 5;

/** What {@link fitTipAdapterF} is told beside the features. */
export interface FitTipAdapterFArgs extends FitArgs {
  /** Decides the folds, and the order of pictures that are more than a batch of 256. Default: 1. */
  seed?: number;
  /** Passes over the training pictures. Default: 20. */
  epochs?: number;
}

const ARGS: SettingNames<FitTipAdapterFArgs> = { ...FIT_ARGS, seed: true, epochs: true };

/**
 * Tip-Adapter-F (Zhang et al., ECCV 2022): Tip-Adapter whose keys are trained from where they are, by cross-entropy with
 * AdamW: rate 1e-3 that falls to 0 along a cosine step by step, epsilon 1e-4, decay 0.01, batches of 256, 20 epochs.
 *
 * Keys are trained under Tip-Adapter's alpha and beta; then both are chosen anew for the trained keys, by the validation
 * pictures, or else in five folds of the training pictures: keys trained on four tell the fifth. Of `views` each epoch
 * takes the next, as the published code draws a new one; pictures without views are their own keys, which would answer
 * for them whatever the others say, so that there each is told without its own.
 * @throws MapleError for features that do not fit the texts, or epochs that are no positive integer
 */
export async function fitTipAdapterF(args: FitTipAdapterFArgs): Promise<CacheHead> {
  checkKnown('fitTipAdapterF', args, ARGS);
  const { train, texts, validation, epochs = EPOCHS, seed = 1 } = args;
  mustHold('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a positive integer');
  const start = await fitTipAdapter({ train, texts, validation });
  const trained = (part: PictureFeatures): tf.Tensor2D =>
    trainKeys(part, { texts, epochs, ...start.settings }, new Random(seed));
  const keys = trained(train);
  const { chosenOn } = start.settings;
  const trials =
    validation !== undefined
      ? [tf.tidy(() => ({ ...trialOf(validation, train, texts), cosines: cosinesWith(validation, keys) }))]
      : chosenOn === 'paper'
        ? []
        : folds(train, texts.classNames.length, seed).map(({ kept, held }) =>
            tf.tidy((): CacheTrial => ({ ...trialOf(held, kept, texts), cosines: cosinesWith(held, trained(kept)) })),
          );
  const found = trials.length === 0 ? {} : await searchCache(trials);
  const values = await keys.data<'float32'>();
  tf.dispose([keys, trials]);
  const settings = { ...start.settings, ...found, kind: 'tipAdapterF' as const, epochs };
  return { ...start, settings: { ...settings, trainedParameters: values.length }, keys: values };
}

function cosinesWith(pictures: PictureFeatures, keys: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(rowsOf(pictures), keys, false, true);
}

interface TrainKeysArgs extends Pick<FitArgs, 'texts'> {
  alpha: number;
  beta: number;
  epochs: number;
}

/** The keys [pictures, width] after training. */
function trainKeys(train: PictureFeatures, { texts, alpha, beta, epochs }: TrainKeysArgs, random: Random): tf.Tensor2D {
  const { labels, views, width } = train;
  const count = labels.length;
  const batches = Math.ceil(count / BATCH);
  const keys = tf.tidy(() => tf.variable(rowsOf(train)));
  const optimizer = adamW({ learningRate: LEARNING_RATE, epsilon: EPSILON });
  const passes = (views.length > 0 ? views : [train.values]).map((values) =>
    tf.tidy(() => ({ features: rowsOf({ values, width }), ...trialOf({ values, width, labels }, train, texts) })),
  );
  for (let epoch = 0; epoch < epochs; epoch++) {
    const { features, logits, targets, keyClasses } = passes[epoch % passes.length];
    const places = labels.map((_, index) => index);
    const order = batches === 1 ? places : random.fork('order', epoch).shuffle(places);
    for (let batch = 0; batch < batches; batch++) {
      const step = epoch * batches + batch;
      optimizer.setLearningRate((LEARNING_RATE * (1 + Math.cos((Math.PI * step) / (epochs * batches)))) / 2);
      const members = order.slice(batch * BATCH, (batch + 1) * BATCH);
      tf.tidy(() => {
        const index = tf.tensor1d(members, 'int32');
        const inputs = tf.gather(features, index);
        const without = views.length > 0 ? 0 : tf.mul(tf.oneHot(index, count), NO_KEY);
        optimizer.minimize(() => {
          const cosines = tf.add(tf.matMul(inputs, keys as tf.Tensor2D, false, true), without);
          const cache = tf.matMul(nearness(cosines, beta) as tf.Tensor2D, keyClasses);
          const all = tf.add(tf.gather(logits, index), tf.mul(cache, alpha));
          return crossEntropy(tf.gather(targets, index), all) as tf.Scalar;
        });
      });
    }
  }
  optimizer.dispose();
  tf.dispose(passes);
  // As a plain tensor, which scopes dispose.
  const values = tf.clone(keys) as tf.Tensor2D;
  keys.dispose();
  return values;
}

/** The pictures in parts that each class's are spread over evenly, each with all others. */
function folds(
  train: PictureFeatures,
  classes: number,
  seed: number,
): { kept: PictureFeatures; held: PictureFeatures }[] {
  const random = new Random(seed);
  const parts = Math.min(FOLDS, Math.max(...countsOf(train.labels, classes)));
  const foldOf = new Array<number>(train.labels.length);
  for (let label = 0; label < classes; label++) {
    const ofClass = train.labels.flatMap((other, place) => (other === label ? [place] : []));
    const order = random.fork('fold', label).shuffle(ofClass);
    // A class's only picture is always a key: held out, it would say nothing of the keys.
    order.forEach((place, index) => (foldOf[place] = order.length > 1 ? index % parts : -1));
  }
  return Array.from({ length: parts }, (_, part) => ({
    kept: rowsAt(train, foldOf, (fold) => fold !== part),
    held: rowsAt(train, foldOf, (fold) => fold === part),
  }));
}

function rowsAt(
  { values, labels, width, views }: PictureFeatures,
  foldOf: readonly number[],
  takes: (fold: number) => boolean,
): PictureFeatures {
  const places = labels.flatMap((_, place) => (takes(foldOf[place]) ? [place] : []));
  const taken = (all: Float32Array): Float32Array => {
    const rows = new Float32Array(places.length * width);
    places.forEach((place, row) => rows.set(all.subarray(place * width, (place + 1) * width), row * width));
    return rows;
  };
  return { width, values: taken(values), labels: places.map((place) => labels[place]), views: views.map(taken) };
}
