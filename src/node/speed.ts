import * as tf from '@tensorflow/tfjs-core';

/** A measured speed. */
export interface Speed {
  /** Billions of floating-point operations a second: the median of the repetitions. */
  gigaflops: number;
  /** The side of the square matrices multiplied. */
  size: number;
  repeats: number;
}

/**
 * Multiplies square matrices on the current backend and takes the time.
 *
 * @param size - 2048 suits native TensorFlow, 1024 WASM
 */
export async function measureSpeed(size: number, repeats = 7): Promise<Speed> {
  const factors = [tf.randomUniform([size, size], -1, 1), tf.randomUniform([size, size], -1, 1)];
  const seconds: number[] = [];
  // The first two fill caches and start threads.
  for (let i = 0; i < repeats + 2; i++) {
    const start = performance.now();
    const corner = tf.tidy(() => tf.slice(tf.matMul(factors[0], factors[1]), [0, 0], [1, 1]));
    await corner.data(); // a GPU computes while we go on; one number read makes us wait for it
    seconds.push((performance.now() - start) / 1000);
    corner.dispose();
  }
  tf.dispose(factors);
  const median = seconds.slice(2).sort((a, b) => a - b)[Math.floor(repeats / 2)];
  return { gigaflops: (2 * size ** 3) / median / 1e9, size, repeats };
}
