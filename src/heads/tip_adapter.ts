import { checkKnown } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import { oneHotRows } from '../../layers/cache_logits.js';
import { searchCache, NO_KEY, type CacheTrial } from './cache_search.js';
import type { ClassTexts, PictureFeatures } from './features.js';
import { checkFit, countsOf, FIT_ARGS, type FitArgs } from './fit_args.js';
import type { CacheHead } from './head.js';

/** The paper's first guess. */
const FIRST_GUESS = { alpha: 1, beta: 5.5 };

/**
 * Tip-Adapter (Zhang et al., "Tip-Adapter: Training-free Adaption of CLIP for Few-shot Classification", ECCV 2022): the
 * training pictures are kept, and a picture's likeness to them is added to what the texts say.
 *
 * logits = logit scale * f . t + alpha * sum over the keys K of a class of exp(-beta (1 - f . K)).
 *
 * Nothing is trained. alpha and beta come from a grid, by the validation pictures, or else by the training pictures, each
 * told without its own key; pictures that are their class's only one have no say, and where all are, the paper's first
 * guess stands (1 and 5.5). The published code picks them by the test pictures.
 * @throws MapleError for features that do not fit the texts
 */
export async function fitTipAdapter(args: FitArgs): Promise<CacheHead> {
  checkKnown('fitTipAdapter', args, FIT_ARGS);
  const { train, texts, validation } = args;
  checkFit({ train, texts, validation });
  const classes = texts.classNames.length;
  const counts = countsOf(train.labels, classes);
  const settings = { kind: 'tipAdapter' as const, shots: Math.max(...counts), trainedParameters: 0 };
  const { values: keys, labels, width } = train;
  const held = validation ? undefined : labels.flatMap((label, index) => (counts[label] > 1 ? [index] : []));
  if (held?.length === 0) {
    return { settings: { ...settings, ...FIRST_GUESS, chosenOn: 'paper' }, keys, labels, width, classes };
  }
  const trial = tf.tidy(() =>
    validation ? trialOf(validation, train, texts) : heldOutInTurn(train, texts, held as number[]),
  );
  const found = await searchCache([trial]);
  tf.dispose(trial);
  const chosenOn = validation ? ('validation' as const) : ('training' as const);
  return { settings: { ...settings, ...found, chosenOn }, keys, labels, width, classes };
}

/** Pictures beside keys that are of other pictures. */
export function trialOf(
  pictures: Pick<PictureFeatures, 'values' | 'labels' | 'width'>,
  keys: Pick<PictureFeatures, 'values' | 'labels' | 'width'>,
  texts: ClassTexts,
): CacheTrial {
  return tf.tidy(() => {
    const features = rowsOf(pictures);
    const classes = texts.classNames.length;
    return {
      cosines: tf.matMul(features, rowsOf(keys), false, true),
      keyClasses: oneHotRows(tf.tensor1d(keys.labels), classes),
      logits: textLogits(features, texts),
      targets: oneHotRows(tf.tensor1d(pictures.labels), classes),
    };
  });
}

/** The pictures of some places beside all keys, each without its own. */
function heldOutInTurn(train: PictureFeatures, texts: ClassTexts, places: readonly number[]): CacheTrial {
  const { cosines, keyClasses, logits, targets } = trialOf(train, train, texts);
  const others = tf.where(tf.cast(tf.eye(cosines.shape[0]), 'bool'), NO_KEY, cosines) as tf.Tensor2D;
  const index = tf.tensor1d([...places], 'int32');
  return {
    cosines: tf.gather(others, index),
    keyClasses,
    logits: tf.gather(logits, index),
    targets: tf.gather(targets, index),
  };
}

/** Features as a tensor [pictures, width]. */
export function rowsOf({ values, width }: Pick<PictureFeatures, 'values' | 'width'>): tf.Tensor2D {
  return tf.tensor2d(values, [values.length / width, width]);
}

/** What a model without head says of unit image features [B, width]: [B, classes]. */
export function textLogits(features: tf.Tensor2D, texts: ClassTexts): tf.Tensor2D {
  return tf.tidy(() => {
    const cosines = tf.matMul(features, rowsOf(texts), false, true);
    return tf.add(tf.mul(cosines, texts.logitScale), texts.logitBias);
  });
}
