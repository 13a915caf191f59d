import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError, chunkedModel, deepTextPrompt, transformerBlock } from '../../layers/index.js';
import { chooseBackend } from '../../src/node/backend.js';
import { Random } from '../../src/random.js';
import { expectClose, largestDifference, largestEntry } from '../helpers/close.js';
import { normalTensor, randomiseWeights, saveAndLoad } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';

const normal = (shape: number[], key: number) => normalTensor(shape, new Random(5).fork(key));

// Or tfjs advises another backend when the first model is made.
tf.env().set('PROD', true);

/** Two linear maps, tanh between them. */
function perceptron(): tfl.LayersModel {
  const x = tfl.input({ shape: [4], name: 'inner/x' });
  const hidden = tfl.layers.dense({ name: 'inner/hidden', units: 6, activation: 'tanh' }).apply(x);
  const y = tfl.layers.dense({ name: 'inner/out', units: 3 }).apply(hidden) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs: y, name: 'inner' });
}

const INNER = ['inner/hidden/kernel', 'inner/hidden/bias', 'inner/out/kernel', 'inner/out/bias'];

runLayerTest({
  name: 'chunkedModel in uneven chunks',
  make: () => chunkedModel({ name: 'chunked', model: perceptron(), rows: 2 }),
  inputs: [{ shape: [5, 4] }],
  outputs: [[5, 3]],
  weightsUnder: null,
  frozen: INNER,
  expected: ([x], weights) => {
    const map = (rows: tf.Tensor, name: string) =>
      tf.add(tf.matMul(rows as tf.Tensor2D, weights[`${name}/kernel`] as tf.Tensor2D), weights[`${name}/bias`]);
    return [map(tf.tanh(map(x, 'inner/hidden')), 'inner/out')];
  },
  refusals: [
    [
      'rows of 0',
      () => chunkedModel({ model: perceptron(), rows: 0 }),
      'chunkedModel: `rows` must be an integer of at least 1. Received: 0.',
    ],
    [
      'a model of two outputs',
      () => {
        const x = tfl.input({ shape: [4] });
        const [a, b] = [1, 2].map((units) => tfl.layers.dense({ units }).apply(x) as tfl.SymbolicTensor);
        return chunkedModel({ model: tfl.model({ inputs: x, outputs: [a, b], name: 'pair' }), rows: 2 });
      },
      'chunkedModel: `model` must have one output. Received: "pair" with 2.',
    ],
    [
      'another number of inputs',
      () => chunkedModel({ model: perceptron(), rows: 2 }).apply([tf.zeros([3, 4]), tf.zeros([3, 4])]),
      'chunkedModel: "inner" takes 1 inputs. Received: [[3,4],[3,4]].',
    ],
  ],
});

/** A text tower in small: tokens [N, 5, 8] and end positions [N] to [N, 8]. */
function tower(): tfl.LayersModel {
  const tokens = tfl.input({ shape: [null, 8], name: 'text/tokens' });
  const ends = tfl.input({ batchShape: [null], name: 'text/ends' });
  const block = (index: number, query: 'all' | 'given') =>
    transformerBlock({ name: `text/block_${index}`, heads: 2, mlpWidth: 16, causal: true, query });
  const x = block(0, 'all').apply(tokens) as tfl.SymbolicTensor;
  const y = block(1, 'given').apply([x, ends]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [tokens, ends], outputs: y, name: 'text' });
  model.layers.forEach((layer) => randomiseWeights(layer));
  return model;
}

runLayerTest({
  name: 'chunkedModel of a text tower, with the end positions beside the tokens',
  make: () => chunkedModel({ name: 'text/tower', model: tower(), rows: 2 }),
  inputs: [{ shape: [3, 5, 8] }, { shape: [3], values: [2, 4, 3], differentiable: false }],
  outputs: [[3, 8]],
  weightsUnder: null,
  frozen: tower().weights.map(({ originalName }) => originalName),
});

describe.each(['cpu', 'wasm'])('chunkedModel on %s', (backend) => {
  const COUNT = 7;
  let tokens: tf.Tensor;
  let ends: tf.Tensor;
  let dy: tf.Tensor;

  beforeAll(async () => {
    await (backend === 'wasm' ? chooseBackend('wasm') : tf.setBackend(backend));
    tokens = normal([COUNT, 5, 8], 1);
    ends = tf.tensor1d([1, 2, 3, 4, 4, 3, 2]);
    dy = normal([COUNT, 8], 2);
  });
  afterEach(() => tf.disposeVariables());

  const chunked = (rows: number, model = tower()) => chunkedModel({ name: 'text/tower', model, rows });
  const run = (layer: tfl.layers.Layer | tfl.LayersModel) => (x: tf.Tensor) =>
    layer.apply([x, ends], { training: true }) as tf.Tensor;

  test.each([1, 2, 3, 4, 6, 7, 100])('at %i rows a chunk has the values and gradients of the model', (rows) => {
    const model = tower();
    const plain = run(model);
    const [value, gradient] = [plain(tokens), tf.grad(plain)(tokens, dy)];
    const inChunks = run(chunked(rows, model));
    expectClose(inChunks(tokens), value, 1e-5);
    expectClose(tf.grad(inChunks)(tokens, dy), gradient, 1e-5 * largestEntry(gradient));
    const both = tf.valueAndGrad(inChunks)(tokens, dy);
    expectClose(both.value, value, 1e-5);
  });

  test('each row goes with its own end position, in whatever chunk', () => {
    const layer = chunked(2);
    const found = run(layer)(tokens).arraySync() as number[][];
    for (let row = 0; row < COUNT; row++) {
      const alone = layer.apply([tf.slice(tokens, row, 1), tf.slice(ends, row, 1)]) as tf.Tensor;
      expectClose(alone, tf.tensor2d([found[row]]), 1e-5);
    }
  });

  test('within a larger gradient, with tensors before and after it and another chunked model beside it', () => {
    const [model, other] = [tower(), tower()];
    const scale = tf.variable(normal([8], 3));
    const loss = (first: tfl.layers.Layer | tfl.LayersModel, second: typeof first) => () => {
      const x = tf.tanh(tf.mul(tokens, scale));
      const y = run(first)(x);
      // Back into a sequence, through the second, and on.
      const z = run(second)(tf.mul(tf.expandDims(y, 1), tf.add(x, 1)));
      return tf.sum(tf.mul(tf.square(tf.add(z, tf.mul(y, scale))), dy)) as tf.Scalar;
    };
    const found = tf.variableGrads(loss(chunked(3, model), chunked(2, other)), [scale]);
    const expected = tf.variableGrads(loss(model, other), [scale]);
    const [one, reference] = [found.grads[scale.name], expected.grads[scale.name]];
    expectClose(found.value, expected.value, 1e-5 * largestEntry(expected.value));
    expectClose(one, reference, 1e-5 * largestEntry(reference));
  });

  test('a chunked model in a chunked model has the gradients of the innermost', () => {
    const model = perceptron();
    model.layers.forEach((layer) => randomiseWeights(layer));
    const x = tfl.input({ shape: [4], name: 'middle/x' });
    const once = chunkedModel({ name: 'once', model, rows: 2 }).apply(x) as tfl.SymbolicTensor;
    const middle = tfl.model({ inputs: x, outputs: once, name: 'middle' });
    const twice = chunkedModel({ name: 'twice', model: middle, rows: 3 });
    const rows = normal([8, 4], 4);
    const gradientOf = (layer: tfl.layers.Layer | tfl.LayersModel) =>
      tf.grad((input: tf.Tensor) => layer.apply(input, { training: true }) as tf.Tensor)(rows, normal([8, 3], 6));
    expectClose(gradientOf(twice), gradientOf(model), 1e-5);
  });

  test('the other inputs are constants, in one chunk as in many', () => {
    const [x, y] = ['x', 'y'].map((name) => tfl.input({ shape: [4], name }));
    const sum = tfl.layers.multiply().apply([x, y]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [x, y], outputs: sum, name: 'product' });
    const [a, b] = [normal([5, 4], 7), normal([5, 4], 8)];
    for (const rows of [2, 10]) {
      const layer = chunkedModel({ model, rows });
      // d/da of (a * b) * b is b * b; d/db is a * b, since the b in brackets is a constant.
      const loss = (one: tf.Tensor, other: tf.Tensor) => tf.mul(layer.apply([one, other]) as tf.Tensor, other);
      const [da, db] = tf.grads(loss)([a, b], tf.ones([5, 4]));
      expectClose(da, tf.mul(b, b), 1e-5);
      expectClose(db, tf.mul(a, b), 1e-5);
    }
  });

  test('holds far fewer bytes than the model in the backward pass, and leaves none behind', async () => {
    const [count, length] = [96, 16];
    const many = normal([count, length, 8], 9);
    const manyEnds = tf.fill([count], length - 1);
    const model = tower();
    const peakOf = async (layer: tfl.layers.Layer | tfl.LayersModel) => {
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(layer.apply([x, manyEnds], { training: true }) as tf.Tensor));
      const held = tf.memory();
      const profile = await tf.profile(() => gradient(many));
      expect(tf.memory().numTensors).toBe(held.numTensors + 1);
      expect(tf.memory().numBytes).toBe(held.numBytes + many.size * 4);
      return profile.peakBytes - held.numBytes;
    };
    const whole = await peakOf(model);
    const [quarter, eighth] = [await peakOf(chunked(count / 4, model)), await peakOf(chunked(count / 8, model))];
    expect(quarter).toBeLessThan(0.4 * whole);
    expect(eighth).toBeLessThan(0.25 * whole);
    expect(tf.engine().state.activeTape).toBeNull();
  });

  test('forward alone holds no more than a chunk at once', async () => {
    const many = normal([96, 16, 8], 9);
    const manyEnds = tf.fill([96], 15);
    const model = tower();
    const peakOf = async (layer: tfl.layers.Layer | tfl.LayersModel) => {
      const { numBytes } = tf.memory();
      const { peakBytes } = await tf.profile(() => layer.apply([many, manyEnds]) as tf.Tensor);
      return peakBytes - numBytes;
    };
    expect(await peakOf(chunked(12, model))).toBeLessThan(0.35 * (await peakOf(model)));
  });
});

describe('chunkedModel in a model', () => {
  beforeAll(async () => {
    await chooseBackend('wasm');
  });
  afterEach(() => tf.disposeVariables());

  /** A learned prompt in front of a frozen tower in chunks. */
  function prompted(rows: number): tfl.LayersModel {
    const tokens = tfl.input({ shape: [5, 8] });
    const ends = tfl.input({ batchShape: [null], name: 'ends' });
    const x = deepTextPrompt({ name: 'prompt', length: 2, seed: 1 }).apply(tokens);
    const layer = chunkedModel({ name: 'text/tower', model: tower(), rows });
    const features = layer.apply([x as tfl.SymbolicTensor, ends]) as tfl.SymbolicTensor;
    return tfl.model({ inputs: [tokens, ends], outputs: features });
  }
  const feed = () => [normal([6, 5, 8], 1), tf.tensor1d([3, 4, 4, 3, 4, 3])];

  test('is saved with its weights under their own names, and loaded', async () => {
    const model = prompted(4);
    const names = model.weights.map(({ originalName }) => originalName);
    expect(names.filter((name) => name !== 'prompt/prompt').sort()).toEqual(
      tower()
        .weights.map(({ originalName }) => originalName)
        .sort(),
    );
    const loaded = await saveAndLoad(model);
    expect(loaded.weights.map(({ originalName }) => originalName)).toEqual(names);
    expect(loaded.trainableWeights.map(({ originalName }) => originalName)).toEqual(['prompt/prompt']);
    const outputs = [model, loaded].map((each) => each.apply(feed()) as tf.Tensor);
    expect(largestDifference(outputs[1], outputs[0])).toBe(0);
    expect(loaded.getLayer('text/tower').getConfig().rows).toBe(4);
  });

  test.each([true, false])('stays frozen when its model is told `trainable = %s`', (trainable) => {
    const model = prompted(4);
    const layer = model.getLayer('text/tower');
    layer.trainable = trainable;
    model.trainable = trainable;
    expect(layer.trainableWeights).toEqual([]);
    expect(layer.nonTrainableWeights).toHaveLength(layer.weights.length);
    // tf.variableGrads and minimize look at the variables themselves.
    expect(layer.weights.filter((weight) => (weight.read() as tf.Variable).trainable)).toEqual([]);
  });

  test('is disposed with its model, and counted among its parameters', () => {
    const start = tf.memory().numTensors;
    const model = prompted(2);
    expect(tf.memory().numTensors).toBe(start + model.weights.length);
    const expected = model.weights.reduce((sum, { shape }) => sum + (shape as number[]).reduce((a, b) => a * b, 1), 0);
    expect(model.countParams()).toBe(expected);
    model.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });
});

test('a chunked model that is given another number of inputs says so', () => {
  const layer = chunkedModel({ model: tower(), rows: 2 });
  expect(() => layer.apply(tf.zeros([3, 5, 8]))).toThrow(
    new MapleError('chunkedModel: "text" takes 2 inputs. Received: [[3,5,8]].'),
  );
});
