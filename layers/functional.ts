import * as tf from '@tensorflow/tfjs-core';

/** Added to a score that must not count. */
const MASKED = -1e9;

/** LayerNorm over the last axis, its gradient as thrifty as {@link standardise}'s. */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  return affine(standardise(x, epsilon), gamma, beta);
}

/**
 * x with mean 0 and variance 1 along the last axis. The gradient is written out: it saves the result and one number a
 * row, where the composed operations would save every step.
 */
export function standardise(x: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.customGrad((input, save) => {
    const kept = normalise(input as tf.Tensor, epsilon);
    (save as tf.GradSaveFunc)(kept);
    return {
      value: kept[0],
      gradFunc: (dy: tf.Tensor, [normal, inverse]: tf.Tensor[]) =>
        tf.tidy(() => normaliseGradient(dy, normal, inverse)),
    };
  })(x);
}

/** x with mean 0 and variance 1 along the last axis, and the inverse of its deviation [..., 1]. */
export function normalise(x: tf.Tensor, epsilon: number): [normal: tf.Tensor, inverse: tf.Tensor] {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return [tf.mul(centred, inverse), inverse];
}

/** The gradient of x, from that of the normalised values. */
export function normaliseGradient(dy: tf.Tensor, normal: tf.Tensor, inverse: tf.Tensor): tf.Tensor {
  const along = tf.mean(tf.mul(dy, normal), -1, true);
  return tf.mul(inverse, tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), tf.mul(normal, along)));
}

/** x * gamma + beta, along the last axis. */
export function affine(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(x, gamma), beta);
}

/** x [..., in] times kernel [in, out] plus bias [out], as one matrix product. */
export function dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  const product = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel as tf.Tensor2D);
  return tf.reshape(tf.add(product, bias), [...x.shape.slice(0, -1), outputs]);
}

/** x [M, out] times a kernel [in, out], transposed. */
export function timesTransposed(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  // tfjs' WASM multiplies plain matrices with XNNPACK but a transposed one in a scalar loop, many times slower than
  // transposing it first. Native TensorFlow transposes for nothing.
  return tf.getBackend() === 'wasm'
    ? tf.matMul(x as tf.Tensor2D, tf.transpose(kernel) as tf.Tensor2D)
    : tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D, false, true);
}

/**
 * Rows of a table, [V, d] at ids [N, L] -> [N, L, d]. The gradient is a scatter, whose kernel every backend has; that of
 * tf.gather asks for one that WASM has not.
 */
export function lookUp(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const [rows, width] = table.shape as [number, number];
  return tf.customGrad((input, save) => {
    const places = tf.reshape(ids, [-1, 1]);
    (save as tf.GradSaveFunc)([places]);
    return {
      value: tf.gather(input as tf.Tensor, ids as tf.Tensor2D),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.scatterND(saved, tf.reshape(dy, [-1, width]), [rows, width]),
    };
  })(table);
}

/**
 * Additive mask [length, before + length]: a query sees `before` other tokens and, of its own kind, itself and what
 * stands before it.
 */
export function causalMask(length: number, before = 0): tf.Tensor {
  const keys = before + length;
  const mask = new Float32Array(length * keys);
  for (let query = 0; query < length; query++) {
    mask.fill(MASKED, query * keys + before + query + 1, (query + 1) * keys);
  }
  return tf.tensor(mask, [length, keys]);
}

/** Additive mask [N, 1, 1, length] for one query a row, standing at `positions` [N]. */
export function causalMaskAt(positions: tf.Tensor, length: number): tf.Tensor {
  const later = tf.greater(tf.range(0, length, 1, 'float32'), tf.reshape(positions, [-1, 1]));
  return tf.reshape(tf.mul(tf.cast(later, 'float32'), MASKED), [-1, 1, 1, length]);
}

/** One token a row, x [N, L, d] at `positions` [N] -> [N, 1, d]; a product, whose gradient every backend has. */
export function tokensAt(x: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  const length = x.shape[1] as number;
  const picks = tf.cast(tf.oneHot(tf.cast(positions, 'int32') as tf.Tensor1D, length), 'float32');
  return tf.matMul(tf.expandDims(picks, 1), x);
}

/**
 * Writes tokens over positions `start ..` of every row.
 * @param x - [N, L, d]
 * @param tokens - [length, d], the same for all rows, or [N, length, d]
 * @returns [N, L, d]
 */
export function overwrite(x: tf.Tensor, tokens: tf.Tensor, start: number): tf.Tensor {
  const [rows, length, width] = x.shape as [number, number, number];
  const written = tokens.shape[tokens.rank - 2] as number;
  const end = start + written;
  const before = tf.slice(x, [0, 0, 0], [rows, start, width]);
  const after = tf.slice(x, [0, end, 0], [rows, length - end, width]);
  const ofEach = tokens.rank === 3 ? tokens : tf.add(tf.zeros([rows, written, width]), tokens);
  return tf.concat([before, ofEach, after], 1);
}

/**
 * Writes tokens over the positions that are given for each row; a product, whose gradient every backend has.
 * @param x - [N, L, d]
 * @param tokens - [length, d], the same for all rows, or [N, length, d]
 * @param positions - [N, length], different within a row
 * @returns [N, L, d]
 */
export function overwriteAt(x: tf.Tensor, tokens: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  const [rows, length, width] = x.shape as [number, number, number];
  const written = positions.shape[1] as number;
  const picks = tf.cast(tf.oneHot(tf.cast(positions, 'int32') as tf.Tensor2D, length), 'float32');
  const ofEach = tokens.rank === 3 ? tokens : tf.add(tf.zeros([rows, written, width]), tokens);
  const kept = tf.sub(1, tf.sum(picks, 1));
  return tf.add(tf.mul(x, tf.expandDims(kept, 2)), tf.matMul(picks, ofEach, true));
}

/** x scaled to unit length along the last axis. */
export function l2Normalize(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.norm(x, 'euclidean', -1, true));
}
