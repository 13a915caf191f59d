import * as tf from '@tensorflow/tfjs-core';

/** What {@link recompute} computes: of tensors with gradients and of constants; `training` in the backward pass. */
export type Recomputed = (learned: tf.Tensor[], constants: tf.Tensor[], training: boolean) => tf.Tensor;

/**
 * `f`, keeping nothing but what it is given. The backward pass computes it once more, with what its gradient needs:
 * memory for one such computation instead of all, for the time of a second forward pass (Chen et al., Training Deep
 * Nets with Sublinear Memory Cost, 2016).
 * @param learned - what the gradient reaches
 */
export function recompute(f: Recomputed, learned: tf.Tensor[], constants: tf.Tensor[]): tf.Tensor {
  return tf.customGrad((...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[];
    const save = args[args.length - 1] as tf.GradSaveFunc;
    save([...inputs, ...constants]);
    return {
      value: tf.tidy(() => f(inputs, constants, false)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        // What a gradient function leaves behind would stay until the whole backward pass ends.
        tf.tidy(() => {
          const fixed = saved.slice(inputs.length);
          return innerGradients((...again) => f(again, fixed, true), saved.slice(0, inputs.length), dy);
        }),
    };
  })(...learned);
}

/** A tensor that passes no gradient on. */
export function constant(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: () => tf.zeros(x.shape),
  }))(x);
}

/**
 * Gradients within the backward pass of another gradient. tfjs has one tape, which the inner gradient would take for
 * its own and throw away.
 */
function innerGradients(f: (...x: tf.Tensor[]) => tf.Tensor, x: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return tf.grads(f)(x, dy);
  } finally {
    state.activeTape = outer;
  }
}
