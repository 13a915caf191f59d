import * as tf from '@tensorflow/tfjs-core';

/** Activations of the towers' MLPs: OpenAI's, LAION's and SigLIP's. */
export type Activation = 'quickGelu' | 'gelu' | 'geluTanh';

/** Names of the activations, for checking arguments. */
export const ACTIVATIONS: readonly Activation[] = ['quickGelu', 'gelu', 'geluTanh'];

/** QuickGELU, x * sigmoid(1.702 x), as OpenAI's weights were trained with; saves its input only. */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return thriftily(x, (value) => tf.mul(value, tf.sigmoid(tf.mul(value, 1.702))), quickGeluGradient);
}

function quickGeluGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const steep = tf.mul(x, 1.702);
  const gate = tf.sigmoid(steep);
  // gate + steep * gate * (1 - gate)
  return tf.mul(dy, tf.mul(gate, tf.add(tf.sub(steep, tf.mul(steep, gate)), 1)));
}

/** The exact GELU, x * Phi(x), as LAION's weights were trained with; saves its input only. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return thriftily(x, (value) => tf.mul(value, normalShare(value)), geluGradient);
}

function geluGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return tf.mul(dy, tf.add(normalShare(x), tf.mul(x, density)));
}

/** Phi(x), the standard normal distribution's share up to x. */
function normalShare(x: tf.Tensor): tf.Tensor {
  return tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
}

/** Twice the slope of {@link geluTanh}'s tanh at 0, and its cubic term. */
const [STEEP, CUBIC] = [2 * Math.sqrt(2 / Math.PI), 2 * Math.sqrt(2 / Math.PI) * 0.044715];

/**
 * GELU by its approximation 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), as SigLIP's weights were trained with;
 * saves its input only.
 */
export function geluTanh(x: tf.Tensor): tf.Tensor {
  return thriftily(x, (value) => tf.mul(value, tanhGate(value)), geluTanhGradient);
}

function geluTanhGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const gate = tanhGate(x);
  const slope = tf.mul(x, tf.add(tf.mul(tf.square(x), 3 * CUBIC), STEEP));
  // gate + x * slope * gate * (1 - gate)
  return tf.mul(dy, tf.mul(gate, tf.add(tf.mul(slope, tf.sub(1, gate)), 1)));
}

/** 0.5 (1 + tanh(u)) as sigmoid(2 u), which keeps its digits where tanh is near -1. */
function tanhGate(x: tf.Tensor): tf.Tensor {
  return tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), STEEP)));
}

/** A function of each element with its gradient, both of the saved x. */
function thriftily(
  x: tf.Tensor,
  value: (x: tf.Tensor) => tf.Tensor,
  gradient: (x: tf.Tensor, dy: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: value(input as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.tidy(() => gradient(saved, dy)),
    };
  })(x);
}

/** Applies the activation of that name. */
export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return { quickGelu, gelu, geluTanh }[activation](x);
}

/** The gradient of the activation's input x, from that of its output. */
export function activationGradient(x: tf.Tensor, dy: tf.Tensor, activation: Activation): tf.Tensor {
  return { quickGelu: quickGeluGradient, gelu: geluGradient, geluTanh: geluTanhGradient }[activation](x, dy);
}
