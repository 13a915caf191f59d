import * as tf from '@tensorflow/tfjs-core';
import type { TowersConfig } from '../backbone/contract.js';
import { towerVariables, type ClipTowers } from '../clip/build_towers.js';
import { sigmoidLoss } from './losses.js';
import type { LossName } from './recipe.js';

/** CLIP clips its temperature so that logits stay under 100 times a cosine. */
const MOST_LOGIT_SCALE = Math.log(100);

/**
 * The symmetric contrastive loss of a batch of pictures and their captions (Radford et al., figure 3): every picture
 * is to find its caption among all of the batch, and every caption its picture.
 * @param images - [B, H, W, 3], normalised
 * @param ids - token ids [B, L] of the captions
 * @returns the mean of both cross-entropies, a scalar
 */
export function contrastiveLoss(towers: ClipTowers<TowersConfig>, images: tf.Tensor4D, ids: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => symmetricCrossEntropy(pairLogits(towers, images, ids), tf.eye(images.shape[0])));
}

/**
 * SigLIP's loss of a batch of pictures and their captions (Zhai et al., ICCV 2023, equation 1): every picture with every
 * caption is a yes or no of its own, summed over all pairs and divided by the number of pictures. For towers whose logits
 * have a bias (`logitBias`): without it, the many pairs that are none outweigh the few that are.
 * @param images - [B, H, W, 3], normalised
 * @param ids - token ids [B, L] of the captions
 * @returns a scalar
 */
export function pairwiseSigmoidLoss(
  towers: ClipTowers<TowersConfig>,
  images: tf.Tensor4D,
  ids: tf.Tensor2D,
): tf.Scalar {
  return tf.tidy(() => sigmoidLoss(tf.eye(images.shape[0]), pairLogits(towers, images, ids)) as tf.Scalar);
}

/** Logits [B, B] of every picture with every caption. */
function pairLogits(towers: ClipTowers<TowersConfig>, images: tf.Tensor4D, ids: tf.Tensor2D): tf.Tensor2D {
  const features = [towers.image, towers.text].map((tower, i) => tower.apply([images, ids][i], { training: true }));
  return towers.logits.apply(features as tf.Tensor[]) as tf.Tensor2D;
}

/**
 * The mean of the cross-entropies of rows (pictures among captions) and of columns (captions among pictures).
 * @param logits - [B, B]
 * @param targets - [B, B], symmetric: which caption is which picture's, each row of sum 1
 * @returns a scalar
 */
export function symmetricCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const forward = tf.losses.softmaxCrossEntropy(targets, logits);
    const backward = tf.losses.softmaxCrossEntropy(targets, tf.transpose(logits));
    return tf.mul(tf.add(forward, backward), 0.5) as tf.Scalar;
  });
}

/** A temperature held at or under 100, as CLIP does after every step. */
export function clippedLogitScale(scale: tf.Tensor): tf.Tensor {
  return tf.minimum(scale, MOST_LOGIT_SCALE);
}

/**
 * One step of full training of both towers.
 * @param lossName - `softmax` is {@link contrastiveLoss}, whose temperature is clipped after the step as CLIP's is;
 * `sigmoid` is {@link pairwiseSigmoidLoss}, whose is not. Default: `softmax`.
 * @returns the loss before the step
 */
export function contrastiveStep(
  towers: ClipTowers<TowersConfig>,
  optimizer: tf.Optimizer,
  images: tf.Tensor4D,
  ids: tf.Tensor2D,
  lossName: LossName = 'softmax',
): number {
  return tf.tidy(() => {
    const variables = towerVariables(towers).map((weight) => weight.read() as tf.Variable);
    const lossOf = lossName === 'softmax' ? contrastiveLoss : pairwiseSigmoidLoss;
    const loss = optimizer.minimize(() => lossOf(towers, images, ids), true, variables) as tf.Scalar;
    if (lossName === 'softmax') {
      const scale = towers.logits.weights[0];
      scale.write(clippedLogitScale(scale.read()));
    }
    return loss.dataSync()[0];
  });
}
