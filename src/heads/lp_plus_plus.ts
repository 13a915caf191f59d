import { checkKnown } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import { oneHotRows } from '../../layers/cache_logits.js';
import { checkFit, countsOf, FIT_ARGS, type FitArgs } from './fit_args.js';
import type { ProbeHead } from './head.js';
import { rowsOf } from './tip_adapter.js';

/** Of the paper. */
const STEPS = 300;
const MOMENTUM = 0.9;
/** Steps between two of the texts' weights. */
const TEXT_EVERY = 10;
/** The texts' weights start as this times the mean cosine of pictures with their own class's text. */
const TEXT_START = 250;

/**
 * LP++ (Huang et al., "LP++: A Surprisingly Strong Linear Probe for Few-Shot CLIP", CVPR 2024): a linear probe on image
 * features that learns for each class how much its text counts.
 *
 * logits = W f + b + s_c (f . t_c), by full-batch cross-entropy in 300 steps. There is no setting to choose: W starts as
 * the sum of its class's features, s at 250 times the mean over the classes of the mean cosine with the class's text. W and
 * b move with momentum 0.9 at the rate 4 N / (largest eigenvalue of F' F), the inverse of the Lipschitz constant that
 * bounds the gradient; s moves every tenth step, by its gradient then, at the rate N / (4 max_c sum_i (f_i . t_c)^2).
 * Where the paper is silent: b starts at 0 and moves as W does; classes of different numbers of pictures count alike in
 * the start of s.
 * @throws MapleError for features that do not fit the texts
 */
export async function fitLpPlusPlus(args: FitArgs): Promise<ProbeHead> {
  checkKnown('fitLpPlusPlus', args, FIT_ARGS);
  const { train, texts } = args;
  checkFit({ train, texts });
  const { width, labels } = train;
  const classes = texts.classNames.length;
  const counts = countsOf(labels, classes);
  const rate = (4 * labels.length) / (await largestEigenvalue(train));
  const fitted = tf.tidy(() => fit(train.values, width, rowsOf(texts), labels, counts, rate));
  const [kernel, bias, textScale] = await Promise.all(fitted.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(fitted);
  const trainedParameters = kernel.length + bias.length + textScale.length;
  const settings = { kind: 'lpPlusPlus' as const, shots: Math.max(...counts), trainedParameters, steps: STEPS };
  return { settings, kernel, bias, textScale, width, classes };
}

function fit(
  values: Float32Array,
  width: number,
  texts: tf.Tensor2D,
  labels: readonly number[],
  counts: readonly number[],
  rate: number,
): [kernel: tf.Tensor, bias: tf.Tensor, textScale: tf.Tensor] {
  const pictures = labels.length;
  const classes = counts.length;
  const features = rowsOf({ values, width });
  const targets = oneHotRows(tf.tensor1d([...labels]), classes);
  const withTexts = tf.matMul(features, texts, false, true);

  const present = counts.filter((count) => count > 0).length;
  const perPicture = tf.tensor2d(labels.map((label) => [1 / counts[label]]));
  const start = tf.mul(tf.sum(tf.mul(tf.mul(withTexts, targets), perPicture)), TEXT_START / present);
  const textRate = tf.div(pictures / 4, tf.max(tf.sum(tf.square(withTexts), 0)));

  // [width + 1, classes] and [pictures, width + 1]: the bias is the weight of a 1, so that both move in one product.
  const inputs = tf.concat([features, tf.ones([pictures, 1])], 1);
  let weights: tf.Tensor = tf.concat([tf.matMul(features, targets, true), tf.zeros([1, classes])]);
  let velocity: tf.Tensor = tf.zerosLike(weights);
  let textScale: tf.Tensor = tf.mul(tf.ones([classes]), start);
  let ofTexts: tf.Tensor = tf.mul(withTexts, textScale);
  for (let step = 1; step <= STEPS; step++) {
    const before = [weights, velocity, textScale, ofTexts];
    [weights, velocity, textScale, ofTexts] = tf.tidy(() => {
      const logits = tf.add(tf.matMul(inputs, weights as tf.Tensor2D), ofTexts);
      const errors = tf.div(tf.sub(tf.softmax(logits), targets), pictures);
      const moved = tf.add(tf.mul(velocity, MOMENTUM), tf.matMul(inputs, errors as tf.Tensor2D, true));
      const next = tf.sub(weights, tf.mul(moved, rate));
      if (step % TEXT_EVERY > 0) {
        return [next, moved, tf.clone(textScale), tf.clone(ofTexts)];
      }
      const scale = tf.sub(textScale, tf.mul(tf.sum(tf.mul(errors, withTexts), 0), textRate));
      return [next, moved, scale, tf.mul(withTexts, scale)];
    });
    tf.dispose(before);
  }
  const kernel = tf.slice(weights, [0, 0], [width, classes]);
  const bias = tf.reshape(tf.slice(weights, [width, 0], [1, classes]), [classes]);
  return [kernel, bias, textScale];
}

/**
 * The largest eigenvalue of F' F, by powers of the smaller of F' F and F F', which share it. Squared, a matrix's largest
 * eigenvalue outgrows the others twice as fast: 12 times make a power of 4,096.
 */
async function largestEigenvalue({ values, width }: { values: Float32Array; width: number }): Promise<number> {
  const eigenvalue = tf.tidy(() => {
    const features = rowsOf({ values, width });
    const wide = features.shape[0] < width;
    const gram = tf.matMul(features, features, !wide, wide);
    let power: tf.Tensor2D = tf.div(gram, tf.max(tf.abs(gram)));
    for (let doubling = 0; doubling < 12; doubling++) {
      const squared = tf.matMul(power, power);
      power = tf.div(squared, tf.max(tf.abs(squared)));
    }
    // Of a positive matrix to a high power, the row of the largest entry on the diagonal is the eigenvector.
    const diagonal = tf.sum(tf.mul(power, tf.eye(power.shape[0])), 1);
    const vector = tf.transpose(tf.gather(power, tf.reshape(tf.argMax(diagonal), [1]))) as tf.Tensor2D;
    const image = tf.matMul(gram as tf.Tensor2D, vector);
    return tf.div(tf.sum(tf.mul(vector, image)), tf.sum(tf.square(vector)));
  });
  const [value] = await eigenvalue.data();
  eigenvalue.dispose();
  return value;
}
