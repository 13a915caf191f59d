import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from './errors.js';
import type { AttentionForm } from './attention_form.js';
import { activate, activationGradient, type Activation } from './activations.js';
import { affine, dense, lookUp, normalise, normaliseGradient, standardise, timesTransposed } from './functional.js';

/** A kernel [in, out] and bias [out], or a LayerNorm's gain and shift [d]. */
export type Pair = readonly [tf.Tensor, tf.Tensor];

/** The weights of a block. */
export interface BlockWeights {
  norm1: Pair;
  qkv: Pair;
  out: Pair;
  norm2: Pair;
  up: Pair;
  down: Pair;
}

/** What a block computes. */
export interface BlockArgs {
  weights: BlockWeights;
  activation: Activation;
  epsilon: number;
  /** How the tokens see each other, made of `constants` wherever it is needed. */
  attention: (constants: tf.Tensor[]) => Attention;
  /** Positions and the like, which have no gradient. */
  constants: tf.Tensor[];
}

/** How a block's tokens see each other. */
export interface Attention {
  form: AttentionForm;
  /** Rows of x whose output is computed, int32 [Q], in the order of the form's queries. Default: all. */
  picked?: tf.Tensor;
}

/**
 * A pre-norm transformer block, x + attention(norm(x)), then x + mlp(norm(x)), through which gradients reach tokens and
 * weights.
 * @param x - tokens [M, d]
 * @returns [M, d], or [Q, d] for picked rows
 */
export function trainedBlock(x: tf.Tensor, args: BlockArgs): tf.Tensor {
  return forward(x, args, (tokens, epsilon) => [standardise(tokens, epsilon)], false).output;
}

/**
 * What a frozen block keeps for its gradient: the steps that it needs; its input, to compute the block once more; or
 * nothing, where nothing before it is learned.
 */
export type Keep = 'steps' | 'input' | 'nothing';

/**
 * The same block where no weight needs a gradient, as one operation: it keeps only what the gradient of the tokens
 * needs, where composed operations would keep every result.
 * @param x - tokens [M, d]
 * @returns [M, d], or [Q, d] for picked rows
 */
export function frozenBlock(x: tf.Tensor, args: BlockArgs, keep: Keep): tf.Tensor {
  return tf.customGrad((input, save) => {
    const tokens = input as tf.Tensor;
    const { output, kept } = forward(tokens, args, normalise, keep === 'steps');
    const constants = args.constants.length;
    (save as tf.GradSaveFunc)(
      { steps: [...args.constants, ...kept], input: [...args.constants, tokens], nothing: [] }[keep],
    );
    return {
      value: output,
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
        // What a gradient function leaves behind would stay until the whole backward pass ends.
        tf.tidy(() => {
          if (keep === 'nothing') {
            throw new MapleError(
              'A block that was made `constant` passes no gradient on. Make it without, where its input itself is learned.',
            );
          }
          const again = { ...args, constants: saved.slice(0, constants) };
          const rest = saved.slice(constants);
          return backward(gradient, keep === 'input' ? forward(rest[0], again, normalise, true).kept : rest, again);
        }),
    };
  })(x);
}

/**
 * In two halves, of which the first is tidied up before the second begins.
 * @param norm - the normalised tokens first, and what else the gradient needs
 * @param keeps - whether to give what the gradient needs
 */
function forward(
  x: tf.Tensor,
  { weights, activation, epsilon, attention, constants }: BlockArgs,
  norm: (x: tf.Tensor, epsilon: number) => tf.Tensor[],
  keeps: boolean,
): { output: tf.Tensor; kept: tf.Tensor[] } {
  const { form, picked } = attention(constants);
  const { after, before, attended } = tf.tidy(() => {
    const normal = norm(x, epsilon);
    const { output, kept } = form.attend(projected(affine(normal[0], ...weights.norm1), weights.qkv, picked));
    const sum = tf.add(picked ? lookUp(x, picked) : x, dense(output, ...weights.out));
    return { after: sum, before: keeps ? normal : [], attended: keeps ? kept : [] };
  });
  const { output, between } = tf.tidy(() => {
    const normal = norm(after, epsilon);
    const hidden = dense(affine(normal[0], ...weights.norm2), ...weights.up);
    const sum = tf.add(after, dense(activate(hidden, activation), ...weights.down));
    return { output: sum, between: keeps ? [...normal, hidden] : [] };
  });
  return { output, kept: [...before, ...between, ...attended] };
}

function backward(gradient: tf.Tensor, kept: tf.Tensor[], args: BlockArgs): tf.Tensor {
  const { weights, activation } = args;
  const { form, picked } = args.attention(args.constants);
  const [normal1, inverse1, normal2, inverse2, hidden, ...attended] = kept;
  const ofAfter = tf.tidy(() => {
    const ofHidden = activationGradient(hidden, timesTransposed(gradient, weights.down[0]), activation);
    const ofNormal = tf.mul(timesTransposed(ofHidden, weights.up[0]), weights.norm2[0]);
    return tf.add(gradient, normaliseGradient(ofNormal, normal2, inverse2));
  });
  return tf.tidy(() => {
    const ofParts = form.back(timesTransposed(ofAfter, weights.out[0]), attended);
    const ofNormal = tf.mul(projectedBack(ofParts, weights.qkv[0], picked), weights.norm1[0]);
    const ofTokens = normaliseGradient(ofNormal, normal1, inverse1);
    return tf.add(ofTokens, picked ? spread(ofAfter, picked, normal1.shape) : ofAfter);
  });
}

/** Queries, keys and values in one; or, of picked rows, the queries and then keys and values of all. */
function projected(normal: tf.Tensor, [kernel, bias]: Pair, picked?: tf.Tensor): tf.Tensor[] {
  if (!picked) {
    return [dense(normal, kernel, bias)];
  }
  const [width, columns] = kernel.shape as [number, number];
  const [ofQuery, ofRest] = tf.split(bias, [width, columns - width]);
  const [query, rest] = tf.split(kernel, [width, columns - width], 1);
  return [dense(lookUp(normal, picked), query, ofQuery), dense(normal, rest, ofRest)];
}

function projectedBack(ofParts: tf.Tensor[], kernel: tf.Tensor, picked?: tf.Tensor): tf.Tensor {
  if (!picked) {
    return timesTransposed(ofParts[0], kernel);
  }
  const [width, columns] = kernel.shape as [number, number];
  const [query, rest] = tf.split(kernel, [width, columns - width], 1);
  const ofAll = timesTransposed(ofParts[1], rest);
  return tf.add(ofAll, spread(timesTransposed(ofParts[0], query), picked, ofAll.shape));
}

/** Rows [Q, d] added up at the places they were picked from, of a tensor that is zero elsewhere. */
function spread(rows: tf.Tensor, picked: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.scatterND(tf.expandDims(picked, 1), rows, [...shape] as [number, number]);
}
