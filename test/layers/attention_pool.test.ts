import { afterAll, describe, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { attentionPool } from '../../layers/index.js';
import { expectClose } from '../helpers/close.js';
import { readOwnFixture } from '../helpers/fixtures.js';
import { product } from '../helpers/layer_probe.js';
import { runLayerTest } from '../helpers/layer_suite.js';
import { BACKENDS, onBackend } from '../helpers/on_backend.js';
import { activations, attendRows, denseRow, layerNormRow, type Row } from '../helpers/reference.js';

const NAMES = [
  ...['probe', 'attention/qkv/kernel', 'attention/qkv/bias', 'attention/out/kernel', 'attention/out/bias'],
  ...['norm/gamma', 'norm/beta', 'mlp/up/kernel', 'mlp/up/bias', 'mlp/down/kernel', 'mlp/down/bias'],
];

/** The head on one sample [L][d], with keys and values of every token. */
function pooledRow(
  x: Row[],
  weights: Record<string, tf.Tensor>,
  settings: { heads: number; epsilon: number; activation: keyof typeof activations },
): Row {
  const vector = (name: string) => weights[name].arraySync() as Row;
  const matrix = (name: string) => weights[name].arraySync() as Row[];
  const linear = (row: Row, name: string) => denseRow(row, matrix(`${name}/kernel`), vector(`${name}/bias`));
  const width = x[0].length;
  const [probe] = (weights.probe.arraySync() as Row[][])[0];
  const part = (row: Row, at: number) => linear(row, 'attention/qkv').slice(at * width, (at + 1) * width);
  const [key, value] = [1, 2].map((at) => x.map((row) => part(row, at)));
  const [seen] = attendRows([part(probe, 0)], key, value, settings.heads, () => true);
  const attended = linear(seen, 'attention/out');
  const normal = layerNormRow(attended, vector('norm/gamma'), vector('norm/beta'), settings.epsilon);
  const hidden = linear(normal, 'mlp/up').map(activations[settings.activation]);
  return linear(hidden, 'mlp/down').map((change, i) => attended[i] + change);
}

for (const args of [
  { heads: 2 },
  { heads: 1, activation: 'gelu', epsilon: 0.1 },
  { heads: 3, epsilon: 1e-3 },
] as const) {
  runLayerTest({
    name: `attentionPool ${JSON.stringify(args)}`,
    make: () => attentionPool({ mlpWidth: 5, ...args }),
    inputs: [{ shape: [3, 4, 6] }],
    outputs: [[3, 6]],
    trainable: NAMES,
    expected: ([x], weights) => {
      const settings = { epsilon: 1e-6, activation: 'geluTanh', ...args } as const;
      return [tf.tensor2d((x.arraySync() as Row[][]).map((sample) => pooledRow(sample, weights, settings)))];
    },
    refusals: [
      [
        'heads of 0',
        () => attentionPool({ heads: 0, mlpWidth: 5 }),
        'attentionPool: `heads` must be an integer of at least 1. Received: 0.',
      ],
      [
        'heads that do not divide the width',
        () => attentionPool({ heads: 4, mlpWidth: 5 }).apply(tf.zeros([1, 2, 6])),
        "attentionPool: `heads` must divide the input's width. Received: heads=4, width=6.",
      ],
      [
        'half an MLP',
        () => attentionPool({ heads: 2, mlpWidth: 2.5 }),
        'attentionPool: `mlpWidth` must be an integer of at least 1. Received: 2.5.',
      ],
      [
        'another activation',
        () => attentionPool({ heads: 2, mlpWidth: 5, activation: 'relu' as 'gelu' }),
        'attentionPool: `activation` must be one of quickGelu, gelu, geluTanh. Received: "relu".',
      ],
      [
        'an epsilon of 0',
        () => attentionPool({ heads: 2, mlpWidth: 5, epsilon: 0 }),
        'attentionPool: `epsilon` must be a positive number. Received: 0.',
      ],
      [
        'features in place of tokens',
        () => attentionPool({ heads: 2, mlpWidth: 5 }).apply(tf.zeros([2, 6])),
        'attentionPool takes 1 input(s) of rank 3. Received: [[2,6]].',
      ],
    ],
  });
}

interface Fixture {
  sizes: { rows: number; length: number; width: number; heads: number; mlpWidth: number };
  output: number[];
  ofTokens: number[];
  ofProbe: number[];
  ofQkv: number[];
}

/** The tensor of that name, as test/fixtures/attention_pool/make.py makes it. */
function known(name: string, shape: readonly (number | null)[]): tf.Tensor {
  const values = Array.from({ length: product(shape) }, (_, e) => Math.sin((e + 1) * (name.length + 1)) / 2);
  return tf.tensor(values, shape as number[]);
}

describe.each(BACKENDS)('attentionPool on %s', (backend) => {
  const skip = onBackend(backend);
  afterAll(() => tf.disposeVariables());

  test.each([true, false])("is SigLIP's head in transformers, gradients too; trainable: %s", (trainable) => {
    if (skip()) {
      return;
    }
    const { sizes, ...expected } = readOwnFixture<Fixture>('attention_pool', 'siglip.json');
    const { rows, length, width, heads, mlpWidth } = sizes;
    const layer = attentionPool({ heads, mlpWidth, trainable });
    const tokens = tf.variable(known('tokens', [rows, length, width]));
    layer.apply(tokens);
    layer.setWeights(NAMES.map((name, i) => known(name, layer.weights[i].shape)));
    expectClose(layer.apply(tokens) as tf.Tensor, tf.tensor2d(expected.output, [rows, width]), 2e-6);

    const dy = known('gradient', [rows, width]);
    const loss = () => tf.sum(tf.mul(layer.apply(tokens) as tf.Tensor, dy)) as tf.Scalar;
    const learned = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(loss, [tokens, ...learned]);
    expectClose(grads[tokens.name], tf.tensor3d(expected.ofTokens, [rows, length, width]), 2e-6);
    if (trainable) {
      expectClose(grads[learned[0].name], tf.tensor3d(expected.ofProbe, [1, 1, width]), 2e-6);
      expectClose(grads[learned[1].name], tf.tensor2d(expected.ofQkv, [width, 3 * width]), 2e-6);
    }
  });
});
