import * as tf from '@tensorflow/tfjs-core';
import { towerVariables, type ClipTowers } from '../clip/build_towers.js';

/** CLIP clips its temperature so that logits stay under 100 times a cosine. */
const MOST_LOGIT_SCALE = Math.log(100);

/**
 * The symmetric contrastive loss of a batch of pictures and their captions (Radford et al., figure 3): every picture
 * is to find its caption among all of the batch, and every caption its picture.
 * @param images - [B, H, W, 3], normalised
 * @param ids - token ids [B, L] of the captions
 * @returns the mean of both cross-entropies, a scalar
 */
export function contrastiveLoss(towers: ClipTowers, images: tf.Tensor4D, ids: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const features = [towers.image, towers.text].map((tower, i) => tower.apply([images, ids][i], { training: true }));
    const logits = towers.logits.apply(features as tf.Tensor[]) as tf.Tensor2D;
    return symmetricCrossEntropy(logits, tf.eye(images.shape[0]));
  });
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
 * @returns the loss before the step
 */
export function contrastiveStep(
  towers: ClipTowers,
  optimizer: tf.Optimizer,
  images: tf.Tensor4D,
  ids: tf.Tensor2D,
): number {
  return tf.tidy(() => {
    const variables = towerVariables(towers).map((weight) => weight.read() as tf.Variable);
    const loss = optimizer.minimize(() => contrastiveLoss(towers, images, ids), true, variables) as tf.Scalar;
    const scale = towers.logits.weights[0];
    scale.write(clippedLogitScale(scale.read()));
    return loss.dataSync()[0];
  });
}
