import * as tf from '@tensorflow/tfjs-core';
import { nearness } from '../../layers/cache_logits.js';

/** Pictures that alpha and beta are tried on, beside the keys they are compared with. */
export type CacheTrial = {
  /** Cosines of the pictures with the keys [pictures, keys]; {@link NO_KEY} where a key does not count for a picture. */
  cosines: tf.Tensor2D;
  /** The classes of the keys as rows of one 1 each [keys, classes]. */
  keyClasses: tf.Tensor2D;
  /** What the model says without keys [pictures, classes]. */
  logits: tf.Tensor2D;
  /** The classes of the pictures as rows of one 1 each [pictures, classes]. */
  targets: tf.Tensor2D;
};

/** In a cosine's place: the key is infinitely far. */
export const NO_KEY = -1e9;

/**
 * Steps of a factor of 2^0.5, far beyond the published ranges (alpha to 10, beta to 12), which are those of ViT-B/16 on
 * pictures that its texts know: where the texts say nothing, alpha has to drown them, the more so at a small beta.
 */
export const ALPHAS = steps(-4, 14);
export const BETAS = steps(-3, 8);

/** Numbers in memory at once. */
const CHUNK = 2 ** 23;

function steps(from: number, to: number): number[] {
  return Array.from({ length: 2 * (to - from) + 1 }, (_, index) => 2 ** (from + index / 2));
}

/**
 * The alpha and beta under which most pictures are told right; of several the ones of the lowest cross-entropy, so that
 * ties, which few pictures have many of, are not left to the order of the grid.
 */
export async function searchCache(trials: readonly CacheTrial[]): Promise<{ alpha: number; beta: number }> {
  const scores = tf.tidy(() => tf.stack(BETAS.map((beta) => tf.addN(trials.map((trial) => scoresAt(beta, trial))))));
  const values = (await scores.array()) as number[][][];
  scores.dispose();
  let best = { alpha: ALPHAS[0], beta: BETAS[0], right: -1, loss: Infinity };
  values.forEach(([rights, losses], b) =>
    rights.forEach((right, a) => {
      if (right > best.right || (right === best.right && losses[a] < best.loss)) {
        best = { alpha: ALPHAS[a], beta: BETAS[b], right, loss: losses[a] };
      }
    }),
  );
  return { alpha: best.alpha, beta: best.beta };
}

/** For every alpha the number of pictures told right, and the sum of their cross-entropies [2, alphas]. */
function scoresAt(beta: number, { cosines, keyClasses, logits, targets }: CacheTrial): tf.Tensor {
  const [pictures, keys] = cosines.shape;
  const classes = logits.shape[1];
  const rows = Math.max(1, Math.floor(CHUNK / Math.max(keys, ALPHAS.length * classes)));
  return tf.tidy(() => {
    const alphas = tf.tensor3d(ALPHAS, [ALPHAS.length, 1, 1]);
    const parts: tf.Tensor[] = [];
    for (let from = 0; from < pictures; from += rows) {
      const count = Math.min(rows, pictures - from);
      const part = (tensor: tf.Tensor2D) => tf.slice(tensor, [from, 0], [count, tensor.shape[1]]);
      parts.push(
        tf.tidy(() => {
          const cache = tf.matMul(nearness(part(cosines), beta), keyClasses);
          const all = tf.add(tf.mul(alphas, tf.expandDims(cache, 0)), tf.expandDims(part(logits), 0));
          const target = part(targets);
          const said = tf.equal(tf.argMax(all, 2), tf.expandDims(tf.argMax(target, 1), 0));
          const right = tf.sum(tf.cast(said, 'float32'), 1);
          const ofTarget = tf.sum(tf.mul(all, tf.expandDims(target, 0)), 2);
          return tf.stack([right, tf.sum(tf.sub(tf.logSumExp(all, 2), ofTarget), 1)]);
        }),
      );
    }
    return tf.addN(parts);
  });
}
