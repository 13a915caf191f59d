import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../../src/random.js';
import { largestEntry } from './close.js';
import { applied, normalTensor, type ProbeInput } from './layer_probe.js';

/** A layer made a scalar function: its outputs times fixed coefficients, of its trainable weights and inputs. */
export interface GradientProbe {
  layer: tfl.layers.Layer;
  /** The layer's inputs; those that are differentiable are among `variables`. */
  inputs: tf.Tensor[];
  /** Trainable weights, then differentiable inputs. */
  variables: tf.Variable[];
  /** One for each output. */
  coefficients: tf.Tensor[];
}

/** Entries of a tensor that are checked: all of a small one, spread over a large one. */
const MOST_ENTRIES = 12;
const STEP = 0.02;

export function probeVariables(
  layer: tfl.layers.Layer,
  tensors: readonly tf.Tensor[],
  specs: readonly ProbeInput[],
): GradientProbe {
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const inputs = tensors.map((tensor, i) =>
    specs[i].differentiable === false ? tf.clone(tensor) : tf.variable(tensor, true),
  );
  const outputs = applied(layer, inputs);
  const coefficients = outputs.map(({ shape }, i) => normalTensor(shape, new Random(4).fork(i), 1));
  tf.dispose(outputs);
  const variables = [...weights, ...inputs.filter((input): input is tf.Variable => input instanceof tf.Variable)];
  return { layer, inputs, variables, coefficients };
}

/** The gradient of the weighted sum, one for each variable. */
export function gradientsOf({ layer, inputs, variables, coefficients }: GradientProbe): tf.Tensor[] {
  const sum = () => {
    const parts = applied(layer, inputs).map((output, i) => tf.sum(tf.mul(output, coefficients[i])));
    return tf.addN(parts) as tf.Scalar;
  };
  const { value, grads } = tf.variableGrads(sum, variables);
  value.dispose();
  return variables.map(({ name }) => grads[name]);
}

/** Asserts that every gradient is there and agrees with finite differences, to `tolerance` of its largest entry. */
export function expectNumericGradients(probe: GradientProbe, tolerance: number): void {
  const gradients = gradientsOf(probe);
  probe.variables.forEach((variable, i) => {
    const values = gradients[i].dataSync();
    const largest = largestEntry(gradients[i]);
    expect(largest).toBeGreaterThan(0);
    const wrong = numericGradient(probe, variable)
      .map(({ index, value }) => ({ name: variable.name, index, expected: value, found: values[index] }))
      .filter(({ expected, found }) => !(Math.abs(found - expected) <= tolerance * largest));
    expect(wrong).toEqual([]);
  });
}

/** Outputs and gradients of a layer, read from the backend: for comparing two. */
export function outputsAndGradients(layer: tfl.layers.Layer, tensors: tf.Tensor[], specs: readonly ProbeInput[]) {
  const probe = probeVariables(layer, tensors, specs);
  const gradients = probe.variables.length > 0 ? gradientsOf(probe) : [];
  return [...applied(layer, probe.inputs), ...gradients].map((tensor) => ({
    shape: tensor.shape,
    dtype: tensor.dtype,
    values: tensor.dataSync(),
  }));
}

/** Central differences of fourth order; the outputs are added up in double precision. */
function numericGradient(probe: GradientProbe, variable: tf.Variable): { index: number; value: number }[] {
  const start = Float32Array.from(variable.dataSync());
  const at = (index: number, change: number): number =>
    tf.tidy(() => {
      const values = Float32Array.from(start);
      values[index] += change;
      variable.assign(tf.tensor(values, variable.shape));
      return weightedSum(applied(probe.layer, probe.inputs), probe.coefficients);
    });
  const stride = Math.ceil(start.length / MOST_ENTRIES);
  const indices = Array.from({ length: Math.ceil(start.length / stride) }, (_, i) => i * stride);
  const result = indices.map((index) => {
    const near = at(index, STEP) - at(index, -STEP);
    const far = at(index, 2 * STEP) - at(index, -2 * STEP);
    return { index, value: (8 * near - far) / (12 * STEP) };
  });
  tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
  return result;
}

function weightedSum(outputs: readonly tf.Tensor[], coefficients: readonly tf.Tensor[]): number {
  let sum = 0;
  outputs.forEach((output, i) => {
    const [values, weights] = [output.dataSync(), coefficients[i].dataSync()];
    values.forEach((value, entry) => (sum += value * weights[entry]));
  });
  return sum;
}
