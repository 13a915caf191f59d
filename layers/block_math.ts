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
  return forward(x, args, (tokens, epsilon) => [standardise(tokens, epsilon)]).output;
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
    const { output, kept } = forward(tokens, args, normalise);
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
              'A block that was made `constant` passes no gradient on. Make it without, where prompts stand before it.',
            );
          }
          const again = { ...args, constants: saved.slice(0, constants) };
          const rest = saved.slice(constants);
          return backward(gradient, keep === 'input' ? forward(rest[0], again, normalise).kept : rest, again);
        }),
    };
  })(x);
}

/** @param norm - the normalised tokens first; what else it gives is kept for the gradient */
function forward(
  x: tf.Tensor,
  { weights, activation, epsilon, attention, constants }: BlockArgs,
  norm: (x: tf.Tensor, epsilon: number) => tf.Tensor[],
): { output: tf.Tensor; kept: tf.Tensor[] } {
  const { form, picked } = attention(constants);
  const before = norm(x, epsilon);
  const attended = form.attend(projected(affine(before[0], ...weights.norm1), weights.qkv, picked));
  const after = tf.add(picked ? lookUp(x, picked) : x, dense(attended.output, ...weights.out));
  const between = norm(after, epsilon);
  const hidden = dense(affine(between[0], ...weights.norm2), ...weights.up);
  const output = tf.add(after, dense(activate(hidden, activation), ...weights.down));
  return { output, kept: [...before, ...between, hidden, ...attended.kept] };
}

function backward(gradient: tf.Tensor, kept: tf.Tensor[], args: BlockArgs): tf.Tensor {
  const { weights, activation } = args;
  const { form, picked } = args.attention(args.constants);
  const [normal1, inverse1, normal2, inverse2, hidden, ...attended] = kept;
  const ofHidden = activationGradient(hidden, timesTransposed(gradient, weights.down[0]), activation);
  const ofNormal2 = tf.mul(timesTransposed(ofHidden, weights.up[0]), weights.norm2[0]);
  const ofAfter = tf.add(gradient, normaliseGradient(ofNormal2, normal2, inverse2));
  const ofParts = form.back(timesTransposed(ofAfter, weights.out[0]), attended);
  const ofNormal1 = tf.mul(projectedBack(ofParts, weights.qkv[0], picked), weights.norm1[0]);
  const ofTokens = normaliseGradient(ofNormal1, normal1, inverse1);
  return tf.add(ofTokens, picked ? spread(ofAfter, picked, normal1.shape) : ofAfter);
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
