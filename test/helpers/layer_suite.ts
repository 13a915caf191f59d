import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/index.js';
import { chooseBackend } from '../../src/node/backend.js';
import { Random } from '../../src/random.js';
import { expectClose, largestDifference, largestEntry } from './close.js';
import { expectNumericGradients, gradientsOf, outputsAndGradients, probeVariables } from './gradients.js';
import {
  applied,
  inputTensors,
  modelAround,
  modelInputs,
  normalTensor,
  randomiseWeights,
  saveAndLoad,
  type ProbeInput,
} from './layer_probe.js';

/** A layer, what it is applied to, and what must hold. */
export interface LayerCase {
  name: string;
  /** Makes a new layer of the same arguments at every call. */
  make: () => tfl.layers.Layer;
  /** Batched inputs have the same first dimension, at least 2, or that times their rows a sample. */
  inputs: ProbeInput[];
  /** Shapes of the outputs, with the batch dimension. */
  outputs: number[][];
  /** Rows of the batched outputs for each of the batch. Default: 1. */
  rowsPerSample?: number;
  /** Whose weights are named under it: the layer, or `null` where they keep names of their own. Default: the layer. */
  weightsUnder?: null;
  /** Trainable weights, by their names inside the layer. Default: none. */
  trainable?: string[];
  /** Weights that no training changes. Default: none. */
  frozen?: string[];
  /** The outputs worked out another way. */
  expected?: (inputs: tf.Tensor[], weights: Record<string, tf.Tensor>) => tf.Tensor[];
  /** Arguments or inputs that the layer must refuse, and with what message. */
  refusals?: [what: string, act: () => unknown, message: string][];
}

const VALUES = 1e-5;
/** Of the largest entry: float32 differences over steps of 0.02 hold no more. */
const NUMERIC = 3e-3;
const BETWEEN_BACKENDS = 1e-5;

/** Everything a layer of this library must do, on the backend in plain JavaScript and then on WASM. */
export function runLayerTest(spec: LayerCase): void {
  const { make, inputs, outputs, rowsPerSample = 1, trainable = [], frozen = [], expected, refusals = [] } = spec;
  const prefixOf = (layer: tfl.layers.Layer) => (spec.weightsUnder === null ? '' : `${layer.name}/`);

  const built = (): [tfl.layers.Layer, tf.Tensor[]] => {
    const layer = make();
    const tensors = inputTensors(inputs);
    applied(layer, tensors);
    randomiseWeights(layer);
    return [layer, tensors];
  };
  const names = (layer: tfl.layers.Layer, weights: tfl.LayerVariable[]) =>
    weights.map(({ originalName }) => originalName.slice(prefixOf(layer).length));

  describe(spec.name, () => {
    beforeAll(async () => {
      // Or tfjs advises another backend in every file.
      tf.env().set('PROD', true);
      await tf.setBackend('cpu');
    });
    afterAll(() => tf.disposeVariables());

    test('comes back from its configuration as JSON text, built or not', () => {
      const [layer] = built();
      const config = JSON.stringify(layer.getConfig());
      const cls = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>;
      const again = cls.fromConfig(cls, JSON.parse(config) as tf.serialization.ConfigDict);
      expect(again).toBeInstanceOf(cls);
      expect(JSON.stringify(again.getConfig())).toBe(config);
      expect(JSON.stringify({ ...make().getConfig(), name: layer.name })).toBe(config);
    });

    test('has exactly its weights, under their names', () => {
      const [layer] = built();
      expect(names(layer, layer.trainableWeights)).toEqual(trainable);
      expect(names(layer, layer.nonTrainableWeights)).toEqual(frozen);
      const full = layer.weights.map(({ originalName }) => originalName);
      expect(new Set(full).size).toBe(full.length);
      expect(full.every((name) => name.startsWith(prefixOf(layer)))).toBe(true);
    });

    test('symbolic, eager and declared shape are one', () => {
      const [layer, tensors] = built();
      const results = applied(layer, tensors);
      expect(results.map(({ shape }) => shape)).toEqual(outputs);
      expect(results.map(({ dtype }) => dtype)).toEqual(outputs.map(() => 'float32'));
      const shapes = inputs.map(({ shape }) => shape);
      const declared = layer.computeOutputShape(shapes.length === 1 ? shapes[0] : shapes);
      expect(Array.isArray(declared[0]) ? declared : [declared]).toEqual(outputs);
      const wrapped = make();
      modelAround(wrapped, inputs, rowsPerSample);
      const symbolic = [wrapped.output].flat().map(({ shape }) => shape);
      const first = inputs.find(({ ownRows }) => !ownRows);
      const batch = first ? (first.shape[0] / (first.rowsPerSample ?? 1)) * rowsPerSample : null;
      expect(symbolic.map(([rows, ...rest]) => [rows ?? batch, ...rest])).toEqual(outputs);
    });

    if (expected) {
      test('gives the expected values', () => {
        const [layer, tensors] = built();
        const weights = layer.weights.map((weight) => weight.read());
        const byName = Object.fromEntries(names(layer, layer.weights).map((name, i) => [name, weights[i]]));
        const results = applied(layer, tensors);
        const references = expected(tensors, byName);
        expect(results).toHaveLength(references.length);
        results.forEach((result, i) => expectClose(result, references[i], VALUES));
      });
    }

    const differentiable = trainable.length + inputs.filter((input) => input.differentiable !== false).length;
    if (differentiable > 0) {
      test('has the gradients of finite differences', () => {
        const [layer, tensors] = built();
        const probe = probeVariables(layer, tensors, inputs);
        expect(probe.variables).toHaveLength(differentiable);
        expectNumericGradients(probe, NUMERIC);
      });
    }

    test.each([true, false])('one step of training; layer trainable: %s', async (learns) => {
      const layer = make();
      layer.trainable = learns;
      const model = modelAround(layer, inputs, rowsPerSample);
      const read = () => model.weights.map((weight) => Array.from(weight.read().dataSync()));
      const before = read();
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const x = modelInputs(inputs);
      const target = normalTensor([[x].flat()[0].shape[0], model.outputs[0].shape[1] as number], new Random(3));
      await model.trainOnBatch(x, target);
      const after = read();
      const changed = model.weights.filter((_, i) => before[i].some((value, entry) => value !== after[i][entry]));
      const learned = learns ? trainable.map((name) => `${prefixOf(layer)}${name}`) : [];
      expect(changed.map(({ originalName }) => originalName).sort()).toEqual([...learned, 'readout/scale'].sort());
    });

    test('saves, loads and predicts in sub-batches to the same numbers', async () => {
      const model = modelAround(make(), inputs, rowsPerSample);
      const x = modelInputs(inputs);
      const whole = model.predict(x) as tf.Tensor;
      expect(largestDifference(model.predict(x, { batchSize: 2 }) as tf.Tensor, whole)).toBeLessThanOrEqual(1e-6);
      const loaded = await saveAndLoad(model);
      expect(loaded.weights.map(({ originalName }) => originalName)).toEqual(
        model.weights.map(({ originalName }) => originalName),
      );
      expect(largestDifference(loaded.predict(x) as tf.Tensor, whole)).toBe(0);
    });

    test('leaks no tensor', () => {
      const tensors = inputTensors(inputs);
      const start = tf.memory().numTensors;
      const layer = make();
      tf.dispose(applied(layer, tensors));
      expect(tf.memory().numTensors).toBe(start + layer.weights.length);
      const held = tf.memory().numTensors;
      applied(layer, tensors).forEach((output) => output.dispose());
      expect(tf.memory().numTensors).toBe(held);
      const probe = probeVariables(layer, tensors, inputs);
      const withProbe = tf.memory().numTensors;
      if (probe.variables.length > 0) {
        tf.dispose(gradientsOf(probe));
      }
      expect(tf.memory().numTensors).toBe(withProbe);
      tf.dispose([probe.inputs, probe.coefficients]);
      layer.dispose();
      tf.dispose(tensors);
      expect(tf.memory().numTensors).toBe(start - tensors.length);
    });

    test('gives the same on WASM', async () => {
      const run = () => outputsAndGradients(...built(), inputs);
      const plain = run();
      await chooseBackend('wasm');
      const wasm = run();
      await tf.setBackend('cpu');
      expect(wasm).toHaveLength(plain.length);
      const onCpu = ({ values, shape, dtype }: (typeof wasm)[number]) => tf.tensor(values, shape, dtype);
      wasm.forEach((found, i) => {
        const reference = onCpu(plain[i]);
        const scale = Math.max(1, largestEntry(reference));
        expectClose(onCpu(found), reference, BETWEEN_BACKENDS * scale);
      });
    });

    if (refusals.length > 0) {
      test.each(refusals)('refuses %s', (_, act, message) => {
        expect(act).toThrow(new MapleError(message));
      });
    }
  });
}
