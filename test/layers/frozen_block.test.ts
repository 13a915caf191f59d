import { afterAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { transformerBlock, type TransformerBlockArgs } from '../../layers/index.js';
import { packTexts } from '../../src/prompting/packing.js';
import { expectClose } from '../helpers/close.js';
import { randomiseWeights } from '../helpers/layer_probe.js';
import { BACKENDS, onBackend } from '../helpers/on_backend.js';

const ARGS = { heads: 2, mlpWidth: 5 };
const WIDTH = 6;

type Block = ReturnType<typeof transformerBlock>;
type BlockInputs = tf.Tensor | tf.Tensor[];

function block(args: Partial<TransformerBlockArgs>, inputs: BlockInputs): Block {
  const made = transformerBlock({ ...ARGS, ...args });
  made.apply(inputs);
  randomiseWeights(made);
  return made;
}

/** Output, and the gradient of the tokens for an output gradient that tells every entry apart. */
function run(layer: Block, x: tf.Tensor, others: tf.Tensor[] = []): { output: tf.Tensor; gradient: tf.Tensor } {
  const answer = (tokens: tf.Tensor) => layer.apply(others.length > 0 ? [tokens, ...others] : tokens) as tf.Tensor;
  const output = answer(x);
  const dy = tf.randomNormal(output.shape, 0, 1, 'float32', 11);
  return { output, gradient: tf.grad(answer)(x, dy) };
}

const tokens = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

describe.each(BACKENDS)('a frozen block on %s', (backend) => {
  const skip = onBackend(backend);
  afterAll(() => tf.disposeVariables());

  const variants: Partial<TransformerBlockArgs>[] = [
    { query: 'all' },
    { query: 'all', causal: true, activation: 'gelu' },
    { query: 'first', activation: 'geluTanh' },
    { query: 'given' },
    { query: 'given', causal: true },
  ];
  test.each(variants)('%j: the same output and gradient as one that can be trained', (variant) => {
    if (skip()) {
      return;
    }
    const x = tokens([3, 4, WIDTH], 1);
    const others = variant.query === 'given' ? [tf.tensor1d([0, 2, 3])] : [];
    const inputs = others.length > 0 ? [x, ...others] : x;
    const expected = run(block(variant, inputs), x, others);
    for (const recompute of [false, true]) {
      const frozen = run(block({ ...variant, recompute, trainable: false }, inputs), x, others);
      expectClose(frozen.output, expected.output, 1e-6);
      expectClose(frozen.gradient, expected.gradient, 1e-5);
    }
  });

  const texts = [
    [1, 5, 6, 20, 9],
    [1, 5, 6, 21, 22, 23, 9],
    [1, 5, 6, 24, 25, 9],
  ];
  const { ids, shared, places, real, ends } = packTexts(texts);

  test.each([
    ['all', false],
    ['all', true],
    ['given', false],
    ['given', true],
  ] as const)('packed texts, query %s, trainable %s: what a row a text gives', (query, trainable) => {
    if (skip()) {
      return;
    }
    const packed = tokens([1, ids.length, WIDTH], 2);
    const rowOf = (text: number) => {
      const own = places[text].filter((at) => at >= 0).map((at) => shared + at);
      return [...Array.from({ length: shared }, (_, at) => at), ...own];
    };
    const lengths = texts.map(({ length }) => length);
    const longest = Math.max(...lengths);
    const args = { causal: true, query, trainable } as const;
    // Each text as a row of its own, the padding being anything.
    const plain = (x: tf.Tensor) => {
      const indices = texts.map((_, text) => [...rowOf(text), ...Array<number>(longest - lengths[text]).fill(0)]);
      return tf.stack(indices.map((row) => tf.gather(tf.squeeze(x, [0]), tf.tensor1d(row, 'int32'))));
    };
    const endsInRows = tf.tensor1d(lengths.map((length) => length - 1));
    const others = [tf.tensor2d(places), tf.tensor1d(real), ...(query === 'given' ? [tf.tensor1d(ends)] : [])];
    const layer = block(args, [packed, ...others]);
    const rows = block(args, query === 'given' ? [plain(packed), endsInRows] : plain(packed));

    const output = layer.apply([packed, ...others]) as tf.Tensor;
    const whole = rows.apply(query === 'given' ? [plain(packed), endsInRows] : plain(packed)) as tf.Tensor;
    if (query === 'given') {
      expect(output.shape).toEqual([3, WIDTH]);
      expectClose(output, whole, 1e-6);
    } else {
      texts.forEach((_, text) => {
        const own = tf.gather(tf.squeeze(output, [0]), tf.tensor1d(rowOf(text), 'int32'));
        expectClose(own, tf.squeeze(tf.slice(whole, [text, 0, 0], [1, lengths[text], WIDTH]), [0]), 1e-6);
      });
    }

    // The gradient against finite differences of the packed output, whose value is now known to be right.
    const dy = tf.randomNormal(output.shape, 0, 1, 'float32', 12);
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(layer.apply([x, ...others]) as tf.Tensor, dy)) as tf.Scalar;
    const direction = tokens(packed.shape, 3);
    const slope = tf.sum(tf.mul(tf.grad(loss)(packed), direction)).dataSync()[0];
    const step = 1e-2;
    const at = (scale: number) => loss(tf.add(packed, tf.mul(direction, scale))).dataSync()[0];
    expect(Math.abs((at(step) - at(-step)) / (2 * step) - slope)).toBeLessThan(3e-3 * Math.max(1, Math.abs(slope)));
  });

  test.each([false, true])('leaks no tensor; recompute %s', (recompute) => {
    if (skip()) {
      return;
    }
    const x = tokens([2, 4, WIDTH], 1);
    const layer = block({ recompute, trainable: false }, x);
    const before = tf.memory().numTensors;
    const { output, gradient } = run(layer, x);
    tf.dispose([output, gradient]);
    // The output gradient of the test itself.
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('that is constant gives the same, and refuses a gradient', () => {
    if (skip()) {
      return;
    }
    const x = tokens([2, 4, WIDTH], 1);
    const [usual, constant] = [false, true].map((flag) => block({ constant: flag, trainable: false }, x));
    expectClose(constant.apply(x) as tf.Tensor, usual.apply(x) as tf.Tensor, 0);
    expect(() => run(constant, x)).toThrow('A block that was made `constant` passes no gradient on.');
  });
});
