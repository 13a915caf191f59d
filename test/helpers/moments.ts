import type * as tf from '@tensorflow/tfjs-core';

/** Mean, standard deviation and largest absolute value of a tensor's entries. */
export function moments(tensor: tf.Tensor): { mean: number; deviation: number; largest: number } {
  const values = Array.from(tensor.dataSync());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}
