import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { causalMask, causalMaskAt, dense, l2Normalize, layerNorm, lookUp, tokensAt } from '../../layers/functional.js';
import { attendHeads, joinHeads, splitHeads } from '../../layers/attention_form.js';
import { Random } from '../../src/random.js';
import { expectClose, largestEntry } from '../helpers/close.js';
import { normalTensor } from '../helpers/layer_probe.js';
import { onBackend } from '../helpers/on_backend.js';
import { attendRows, denseRow, layerNormRow, type Row } from '../helpers/reference.js';

const normal = (shape: number[], key: number) => normalTensor(shape, new Random(5).fork(key));

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  onBackend(backend);

  test('runs on it', () => expect(tf.getBackend()).toBe(backend));

  test('layerNorm normalises a row that stands far from 0', () => {
    const row = [100, 101, 99, 100.5];
    const [gamma, beta] = [
      [1, 2, 3, 4],
      [0.5, 0, -0.5, 1],
    ];
    const found = layerNorm(tf.tensor2d([row]), tf.tensor1d(gamma), tf.tensor1d(beta), 1e-5);
    expectClose(found, tf.tensor2d([layerNormRow(row, gamma, beta, 1e-5)]), 1e-4);
  });

  test('layerNorm of equal values is its bias, and passes a finite gradient', () => {
    const run = (x: tf.Tensor) => layerNorm(x, tf.ones([3]), tf.tensor1d([1, 2, 3]), 1e-5);
    expectClose(run(tf.fill([1, 3], 7)), tf.tensor2d([[1, 2, 3]]), 0);
    expect(largestEntry(tf.grad(run)(tf.fill([1, 3], 7), tf.tensor2d([[1, 0, 0]])))).toBeLessThan(1e4);
  });

  test('dense maps the last axis', () => {
    const [x, kernel, bias] = [normal([2, 3, 4], 0), normal([4, 5], 1), normal([5], 2)];
    const rows = (x.arraySync() as Row[][]).map((sample) =>
      sample.map((row) => denseRow(row, kernel.arraySync() as Row[], bias.arraySync() as Row)),
    );
    expectClose(dense(x, kernel, bias), tf.tensor3d(rows), 1e-6);
  });

  test('causalMask hides what stands behind', () => {
    const mask = causalMask(3).arraySync() as number[][];
    expect(mask.map((row) => row.map((value) => value < -1e8))).toEqual([
      [false, true, true],
      [false, false, true],
      [false, false, false],
    ]);
    expect(mask[2]).toEqual([0, 0, 0]);
  });

  test('causalMaskAt gives the rows of causalMask', () => {
    const rows = causalMaskAt(tf.tensor1d([2, 0]), 3);
    expect(rows.shape).toEqual([2, 1, 1, 3]);
    const whole = causalMask(3).arraySync() as number[][];
    expectClose(tf.reshape(rows, [2, 3]), tf.tensor2d([whole[2], whole[0]]), 0);
  });

  test('tokensAt takes one token a row, and sends its gradient there', () => {
    const x = normal([2, 3, 4], 3);
    const at = tf.tensor1d([2, 0]);
    const [one, other] = x.arraySync() as number[][][];
    expectClose(tokensAt(x, at), tf.tensor3d([[one[2]], [other[0]]]), 0);
    const gradient = tf
      .grad((tokens) => tokensAt(tokens, at))(x)
      .arraySync() as number[][][];
    expect(gradient.map((rows) => rows.map((row) => row[0]))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  test('lookUp takes rows of a table, and adds up the gradients of one that is taken twice', () => {
    const table = normal([4, 2], 4);
    const ids = tf.tensor2d([[3, 1, 3]], [1, 3], 'int32');
    const rows = table.arraySync() as number[][];
    expectClose(lookUp(table, ids), tf.tensor3d([[rows[3], rows[1], rows[3]]]), 0);
    const dy = tf.tensor3d([
      [
        [1, 2],
        [3, 4],
        [10, 20],
      ],
    ]);
    const gradient = tf.grad((weights) => lookUp(weights, ids))(table, dy);
    expect(gradient.arraySync()).toEqual([
      [0, 0],
      [3, 4],
      [0, 0],
      [11, 22],
    ]);
  });

  describe.each([1, 2])('attention of %i head(s)', (heads) => {
    const parts = () => [6, 7, 8].map((key) => normal([2, 3, 4], key));
    const split = () => parts().map((part) => splitHeads(tf.reshape(part, [6, 4]), 2, 1, heads)[0]);

    test.each([false, true])('is the formula; causal: %s', (causal) => {
      const sees = (q: number, k: number) => !causal || k <= q;
      const [query, key, value] = parts().map((tensor) => tensor.arraySync() as Row[][]);
      const expected = query.map((_, i) => attendRows(query[i], key[i], value[i], heads, sees));
      const [q, k, v] = split();
      const { output } = attendHeads(q, k, v, causal ? causalMask(3) : undefined);
      expectClose(tf.reshape(output, [2, 3, 4]), tf.tensor3d(expected), 1e-6);
    });

    test('stays finite where scores are large', () => {
      const [q, k, v] = split();
      const sharp = attendHeads(tf.mul(q, 1e3), k, v, causalMask(3)).output;
      expect(largestEntry(sharp)).toBeLessThanOrEqual(largestEntry(parts()[2]) * 1.0001);
    });

    test('joined heads are what was split', () => {
      const joined = normal([6, 12], 9);
      expectClose(joinHeads(splitHeads(joined, 2, 3, heads)), joined, 0);
    });
  });

  test('l2Normalize gives rows of length 1 in their direction', () => {
    const unit = l2Normalize(tf.tensor2d([[3, 4]]));
    expectClose(unit, tf.tensor2d([[0.6, 0.8]]), 1e-6);
  });
});
