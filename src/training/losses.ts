import * as tf from '@tensorflow/tfjs-core';
import type { LossName } from './recipe.js';

/** Cross-entropy of one-hot labels and logits under a softmax over the classes, the mean over the batch: MaPLe's. */
export function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

/**
 * SigLIP's loss (Zhai et al., ICCV 2023, equation 1) of one-hot labels and logits: each class is a yes or no of its own,
 * -log sigmoid(z x logit) with z = 1 for the right class and -1 for the others, summed over the classes, the mean over
 * the batch. For backbones whose logits have a bias; cosines alone start near an even yes and no.
 */
export function sigmoidLoss(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const signs = tf.sub(tf.mul(labels, 2), 1);
    return tf.mean(tf.sum(tf.softplus(tf.neg(tf.mul(signs, logits))), -1));
  });
}

/** The losses of prompt tuning, by name. */
export const LOSSES: Readonly<Record<LossName, typeof crossEntropy>> = { softmax: crossEntropy, sigmoid: sigmoidLoss };
