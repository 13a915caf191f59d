import * as tf from '@tensorflow/tfjs-core';

/** Activations of CLIP's MLPs. */
export type Activation = 'quickGelu' | 'gelu';

/** Names of the activations, for checking arguments. */
export const ACTIVATIONS: readonly Activation[] = ['quickGelu', 'gelu'];

const MASKED = -1e9;

/**
 * LayerNorm over the last axis. The gradient is written out: it saves the normalised values and one number a row,
 * where the composed operations would save every step.
 */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  const normalise = tf.customGrad((input, save) => {
    const value = input as tf.Tensor;
    const centred = tf.sub(value, tf.mean(value, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const normal = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([normal, inverse]);
    const gradFunc = (dy: tf.Tensor, [y, scale]: tf.Tensor[]) => {
      const along = tf.mean(tf.mul(dy, y), -1, true);
      return tf.mul(scale, tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), tf.mul(y, along)));
    };
    return { value: normal, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradFunc(dy, saved) };
  });
  return tf.add(tf.mul(normalise(x), gamma), beta);
}

/** QuickGELU, x * sigmoid(1.702 x), as OpenAI's weights were trained with; saves its input only. */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((input, save) => {
    const value = input as tf.Tensor;
    (save as tf.GradSaveFunc)([value]);
    return {
      value: tf.mul(value, tf.sigmoid(tf.mul(value, 1.702))),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const gate = tf.sigmoid(tf.mul(saved, 1.702));
        const slope = tf.add(tf.mul(tf.mul(saved, 1.702), tf.mul(gate, tf.sub(1, gate))), gate);
        return tf.mul(dy, slope);
      },
    };
  })(x);
}

/** The exact GELU, x * Phi(x), as LAION's weights were trained with. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))));
}

/** Applies the activation of that name. */
export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return activation === 'quickGelu' ? quickGelu(x) : gelu(x);
}

/**
 * x [..., in] times kernel [in, out] plus bias [out], as one matrix product.
 * @param frozen - the kernel needs no gradient, which leaves the backward pass free to choose the faster product
 */
export function dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, frozen = false): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
  const product = frozen ? frozenProduct(rows, kernel as tf.Tensor2D) : tf.matMul(rows, kernel as tf.Tensor2D);
  return tf.reshape(tf.add(product, bias), [...x.shape.slice(0, -1), outputs]);
}

/** x times a kernel that only passes gradients on. */
function frozenProduct(x: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor {
  return tf.customGrad((input, save) => {
    // The kernel may be a slice, which would be gone by then.
    (save as tf.GradSaveFunc)([kernel]);
    return {
      value: tf.matMul(input as tf.Tensor2D, kernel),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        // tfjs' WASM multiplies plain matrices with XNNPACK but a transposed one in a scalar loop, many times slower
        // than transposing it first. Native TensorFlow transposes for nothing.
        tf.getBackend() === 'wasm' ? tf.matMul(dy, tf.transpose(saved)) : tf.matMul(dy, saved, false, true),
    };
  })(x);
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

/** Additive mask [length, length]: a query sees itself and what stands before it. */
export function causalMask(length: number): tf.Tensor {
  const mask = new Float32Array(length * length);
  for (let query = 0; query < length; query++) {
    mask.fill(MASKED, query * length + query + 1, (query + 1) * length);
  }
  return tf.tensor(mask, [length, length]);
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

/**
 * Multi-head scaled dot-product attention.
 * @param query - [N, Q, d]
 * @param key - [N, L, d]
 * @param value - [N, L, d]
 * @param heads - number of heads; divides d
 * @param mask - added to the scores, broadcast to [N, heads, Q, L]
 * @returns [N, Q, d], before the output projection
 */
export function attention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  heads: number,
  mask?: tf.Tensor,
): tf.Tensor {
  const width = query.shape[2] as number;
  const split = (x: tf.Tensor) =>
    tf.transpose(tf.reshape(x, [x.shape[0], x.shape[1] as number, heads, width / heads]), [0, 2, 1, 3]);
  const scaled = tf.mul(query, 1 / Math.sqrt(width / heads));
  const scores = tf.matMul(split(scaled), split(key), false, true);
  const weights = tf.softmax(mask ? tf.add(scores, mask) : scores);
  return tf.reshape(tf.transpose(tf.matMul(weights, split(value)), [0, 2, 1, 3]), query.shape);
}

/** x scaled to unit length along the last axis. */
export function l2Normalize(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.norm(x, 'euclidean', -1, true));
}
