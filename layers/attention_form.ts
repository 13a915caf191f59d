import * as tf from '@tensorflow/tfjs-core';
import { causalMask, causalMaskAt } from './functional.js';

/** What a frozen block's attention gives, and what its gradient needs. */
export interface Attended {
  /** [queries, d] */
  output: tf.Tensor;
  kept: tf.Tensor[];
}

/** How a block's tokens see each other, forwards and backwards. */
export interface AttentionForm {
  /** @param parts - of the linear map: [tokens, 3d] where all ask, or [queries, d] and [tokens, 2d] */
  attend(parts: tf.Tensor[]): Attended;
  /** The gradient of `parts`, from that of the output. */
  back(gradient: tf.Tensor, kept: tf.Tensor[]): tf.Tensor[];
}

/** Rows of equal length, each a text or picture of its own. */
export interface RowsFormArgs {
  /** N rows of L tokens. */
  rows: number;
  heads: number;
  causal: boolean;
  /** Positions [N] of the tokens that ask, one a row. Default: all ask. */
  query?: tf.Tensor;
}

/** Each token sees the tokens of its own row; under the causal mask those up to itself. */
export function rowsForm({ rows, heads, causal, query }: RowsFormArgs): AttentionForm {
  const maskFor = (length: number): tf.Tensor | undefined =>
    causal ? (query ? causalMaskAt(query, length) : causalMask(length)) : undefined;
  return {
    attend(parts) {
      const [asking, key, value] = query
        ? [...splitHeads(parts[0], rows, 1, heads), ...splitHeads(parts[1], rows, 2, heads)]
        : splitHeads(parts[0], rows, 3, heads);
      return attendHeads(asking, key, value, maskFor(key.shape[2] as number));
    },
    back(gradient, kept) {
      const [ofQuery, ofKey, ofValue] = attendHeadsBack(splitHeads(gradient, rows, 1, heads)[0], kept);
      return query ? [joinHeads([ofQuery]), joinHeads([ofKey, ofValue])] : [joinHeads([ofQuery, ofKey, ofValue])];
    },
  };
}

/** [rows * L, parts * d] as `parts` tensors [rows, heads, L, d / heads]. */
export function splitHeads(joined: tf.Tensor, rows: number, parts: number, heads: number): tf.Tensor[] {
  const [tokens, columns] = joined.shape as [number, number];
  // Four dimensions at most: tfjs' WASM transposes five many times slower.
  const apart = tf.reshape(joined, [rows, tokens / rows, parts * heads, columns / parts / heads]);
  const byHead = tf.transpose(apart, [0, 2, 1, 3]);
  return parts === 1 ? [byHead] : tf.split(byHead, parts, 1);
}

/** The inverse of {@link splitHeads}. */
export function joinHeads(parts: tf.Tensor[]): tf.Tensor {
  const [rows, heads, length, units] = parts[0].shape as [number, number, number, number];
  const byToken = tf.transpose(parts.length === 1 ? parts[0] : tf.concat(parts, 1), [0, 2, 1, 3]);
  return tf.reshape(byToken, [rows * length, parts.length * heads * units]);
}

/** Scaled dot-product attention: [N, h, Q, e], [N, h, L, e] and mask [Q, L] or [N, 1, 1, L] to [N * Q, h * e]. */
export function attendHeads(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, mask?: tf.Tensor): Attended {
  const scaled = tf.mul(query, 1 / Math.sqrt(query.shape[3] as number));
  const scores = tf.matMul(scaled, key, false, true);
  const weights = tf.softmax(mask ? tf.add(scores, mask) : scores);
  return { output: joinHeads([tf.matMul(weights, value)]), kept: [scaled, key, value, weights] };
}

/** The gradient of query, key and value; the heads of `gradient` are split. */
export function attendHeadsBack(gradient: tf.Tensor, [scaled, key, value, weights]: tf.Tensor[]): tf.Tensor[] {
  const ofValue = tf.matMul(weights, gradient, true, false);
  const weighted = tf.mul(tf.matMul(gradient, value, false, true), weights);
  const ofScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)));
  const ofKey = tf.matMul(ofScores, scaled, true, false);
  const ofQuery = tf.mul(tf.matMul(ofScores, key), 1 / Math.sqrt(scaled.shape[3] as number));
  return [ofQuery, ofKey, ofValue];
}
