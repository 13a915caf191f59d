import { afterEach, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { deepTextPrompt, promptVectors, recomputedModel, transformerBlock } from '../../layers/index.js';
import { Random } from '../../src/random.js';
import { expectClose, largestDifference, largestEntry } from '../helpers/close.js';
import { normalTensor, randomiseWeights, saveAndLoad } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { BACKENDS, onBackend } from '../helpers/on_backend.js';

const normal = (shape: number[], key: number) => normalTensor(shape, new Random(6).fork(key));

// Or tfjs advises another backend when the first model is made.
tf.env().set('PROD', true);

/** A prompt [2, 8], tokens [N, 5, 8] and end positions [N] to [N, 8]. */
function prompted(blocks = 2): tfl.LayersModel {
  const prompt = tfl.input({ batchShape: [2, 8], name: 'inner/prompt' });
  const tokens = tfl.input({ shape: [5, 8], name: 'inner/tokens' });
  const ends = tfl.input({ batchShape: [null], name: 'inner/ends' });
  const block = (index: number, query: 'all' | 'given') =>
    transformerBlock({ name: `inner/block_${index}`, heads: 2, mlpWidth: 16, causal: true, query, trainable: false });
  const given = deepTextPrompt({ name: 'inner/given', length: 2, given: true });
  let x = given.apply([tokens, prompt]) as tfl.SymbolicTensor;
  for (let index = 0; index < blocks - 1; index++) {
    x = block(index, 'all').apply(x) as tfl.SymbolicTensor;
  }
  const last = block(blocks - 1, 'given').apply([x, ends]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: [prompt, tokens, ends], outputs: last, name: 'inner' });
  model.layers.forEach((layer) => randomiseWeights(layer));
  return model;
}

runLayerTest({
  name: 'recomputedModel, whose first two inputs learn',
  make: () => recomputedModel({ name: 'recomputed', model: prompted(), learned: 2 }),
  inputs: [
    { shape: [2, 8], ownRows: true },
    { shape: [3, 5, 8] },
    { shape: [3], values: [3, 4, 3], differentiable: false },
  ],
  outputs: [[3, 8]],
  weightsUnder: null,
  frozen: prompted().weights.map(({ originalName }) => originalName),
  refusals: [
    [
      'no input that learns',
      () => recomputedModel({ model: prompted(), learned: 0 }),
      'recomputedModel: `learned` must be an integer of at least 1. Received: 0.',
    ],
    [
      'more that learn than there are',
      () => recomputedModel({ model: prompted(), learned: 4 }),
      "recomputedModel: `learned` must be at most the number of the model's inputs, `shared` less. Received: " +
        'learned=4, shared=0, and "inner" takes 3.',
    ],
    [
      'nothing but shared inputs',
      () => recomputedModel({ model: prompted(), shared: 3 }),
      "recomputedModel: `learned` must be at most the number of the model's inputs, `shared` less. Received: " +
        'learned=1, shared=3, and "inner" takes 3.',
    ],
    [
      'a shared input alone',
      () => recomputedModel({ model: prompted(), shared: 1 }).apply(tf.zeros([2, 8])),
      'recomputedModel: "inner" takes 3 inputs, all but the first 1 once or several times over. Received: [[2,8]].',
    ],
    [
      'half of what it takes a second time',
      () =>
        recomputedModel({ model: prompted(), shared: 1 }).apply(
          [[2, 8], [3, 5, 8], [3], [3, 5, 8]].map((shape) => tf.zeros(shape)),
        ),
      'recomputedModel: "inner" takes 3 inputs, all but the first 1 once or several times over. ' +
        'Received: [[2,8],[3,5,8],[3],[3,5,8]].',
    ],
    [
      'a model of two outputs',
      () => {
        const x = tfl.input({ shape: [4] });
        const [a, b] = [1, 2].map((units) => tfl.layers.dense({ units }).apply(x) as tfl.SymbolicTensor);
        return recomputedModel({ model: tfl.model({ inputs: x, outputs: [a, b], name: 'pair' }) });
      },
      'recomputedModel: `model` must have one output. Received: "pair" with 2.',
    ],
    [
      'another number of inputs',
      () => recomputedModel({ model: prompted() }).apply(tf.zeros([3, 5, 8])),
      'recomputedModel: "inner" takes 3 inputs. Received: [[3,5,8]].',
    ],
  ],
});

runLayerTest({
  name: 'recomputedModel, given all but the first input twice',
  make: () => recomputedModel({ name: 'recomputed', model: prompted(), learned: 2, shared: 1 }),
  inputs: [
    { shape: [2, 8], ownRows: true },
    { shape: [3, 5, 8], ownRows: true },
    { shape: [3], values: [3, 4, 3], differentiable: false, ownRows: true },
    { shape: [1, 5, 8], ownRows: true },
    { shape: [1], values: [2], differentiable: false, ownRows: true },
  ],
  outputs: [[4, 8]],
  weightsUnder: null,
  frozen: prompted().weights.map(({ originalName }) => originalName),
});

describe.each(BACKENDS)('recomputedModel on %s', (backend) => {
  const skip = onBackend(backend);
  afterEach(() => tf.disposeVariables());

  /** A model's outputs for several chunks of tokens, one below the other. */
  const oneByOne = (model: tfl.LayersModel) => (prompt: tf.Tensor, chunks: tf.Tensor[]) =>
    tf.concat(chunks.map((tokens) => model.apply([prompt, tokens, ends(tokens)], { training: true }) as tf.Tensor));
  /** The same by a layer. */
  const recomputed = (model: tfl.LayersModel) => {
    const layer = recomputedModel({ model, shared: 1 });
    return (prompt: tf.Tensor, chunks: tf.Tensor[]) =>
      layer.apply([prompt, ...chunks.flatMap((tokens) => [tokens, ends(tokens)])], { training: true }) as tf.Tensor;
  };
  const ends = (tokens: tf.Tensor) => tf.fill([tokens.shape[0]], 4);

  test('given chunk after chunk, has the values and gradients of the model', () => {
    if (skip()) {
      return;
    }
    const model = prompted();
    const chunks = [normal([3, 5, 8], 1), normal([1, 5, 8], 2), normal([2, 5, 8], 3)];
    const [prompt, dy] = [normal([2, 8], 4), normal([6, 8], 5)];
    const found = tf.valueAndGrad((x: tf.Tensor) => recomputed(model)(x, chunks))(prompt, dy);
    for (const given of [chunks, [tf.concat(chunks)]]) {
      const expected = tf.valueAndGrad((x: tf.Tensor) => oneByOne(model)(x, given))(prompt, dy);
      expectClose(found.value, expected.value, 1e-5);
      expectClose(found.grad, expected.grad, 1e-5 * largestEntry(expected.grad));
    }
  });

  test('however many chunks it is given, no more is held than for one', async () => {
    if (skip()) {
      return;
    }
    const model = prompted(6);
    const peakOf = async (run: ReturnType<typeof recomputed>, count: number) => {
      const chunks = Array.from({ length: count }, (_, key) => normal([24, 5, 8], key));
      const prompt = normal([2, 8], 4);
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(run(x, chunks)));
      const held = tf.memory();
      const { peakBytes } = await tf.profile(() => gradient(prompt));
      expect(tf.memory().numTensors).toBe(held.numTensors + 1);
      return peakBytes - held.numBytes;
    };
    const [once, eight] = [await peakOf(recomputed(model), 1), await peakOf(recomputed(model), 8)];
    expect(eight).toBeLessThan(1.3 * once);
    expect(await peakOf(oneByOne(model), 8)).toBeGreaterThan(4 * once);
    expect(tf.engine().state.activeTape).toBeNull();
  });

  test('saved and loaded in a model, with what it is given', async () => {
    if (skip()) {
      return;
    }
    const tokens = tfl.input({ shape: [5, 8], name: 'tokens' });
    const ends = tfl.input({ batchShape: [null], name: 'ends' });
    const prompt = promptVectors({ name: 'prompt', length: 2, units: 8, seed: 1 }).apply(tokens) as tfl.SymbolicTensor;
    const layer = recomputedModel({ name: 'tower', model: prompted() });
    const features = layer.apply([prompt, tokens, ends]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [tokens, ends], outputs: features });
    const loaded = await saveAndLoad(model);
    expect(loaded.trainableWeights.map(({ originalName }) => originalName)).toEqual(['prompt/prompt']);
    const feed = [normal([4, 5, 8], 1), tf.tensor1d([2, 3, 4, 4])];
    const [found, expected] = [loaded, model].map((each) => each.apply(feed) as tf.Tensor);
    expect(largestDifference(found, expected)).toBe(0);
  });
});
