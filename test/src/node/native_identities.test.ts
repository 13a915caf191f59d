import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { chooseBackend } from '../../../src/node/backend.js';
import { skipNativeIdentities } from '../../../src/node/native_identities.js';

const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';
const present = existsSync(ADDON) || process.env.MAPLE_REQUIRE_NATIVE === '1';

/** Operations that TensorFlow runs for `compute`, by name. */
function operations(compute: () => tf.Tensor): string[] {
  const backend = tf.backend() as unknown as { executeSingleOutput(name: string, ...rest: unknown[]): tf.Tensor };
  const { executeSingleOutput } = backend;
  const names: string[] = [];
  backend.executeSingleOutput = function (name, ...rest) {
    names.push(name);
    return executeSingleOutput.call(this, name, ...rest);
  };
  try {
    compute().dispose();
    return names;
  } finally {
    backend.executeSingleOutput = executeSingleOutput;
  }
}

(present ? describe : describe.skip)('casts and reshapes on native', () => {
  let x: tf.Tensor2D;

  beforeAll(async () => {
    await chooseBackend('native');
    skipNativeIdentities();
    x = tf.tensor2d([[1.5, -2.5, 3]]);
  });

  test('that change nothing run no operation', () => {
    expect(operations(() => tf.cast(x, 'float32'))).toEqual([]);
    expect(operations(() => tf.reshape(x, [1, 3]))).toEqual([]);
    expect(operations(() => tf.reshape(x, [1, -1]))).toEqual([]);
  });

  test('that change something run one, with the right values', () => {
    expect(operations(() => tf.cast(x, 'int32'))).toEqual(['Cast']);
    expect(operations(() => tf.reshape(x, [3]))).toEqual(['Reshape']);
    expect(operations(() => tf.reshape(x, [3, -1]))).toEqual(['Reshape']);
    expect(tf.cast(x, 'int32').arraySync()).toEqual([[1, -2, 3]]);
    expect(tf.reshape(x, [3, 1]).arraySync()).toEqual([[1.5], [-2.5], [3]]);
  });

  test('share the values until the last of both is disposed', () => {
    const before = tf.memory();
    const original = tf.tensor1d([1, 2]);
    const same = tf.reshape(original, [2]);
    original.dispose();
    expect(same.arraySync()).toEqual([1, 2]);
    same.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  test('pass gradients on', () => {
    const f = (value: tf.Tensor) => tf.sum(tf.square(tf.reshape(tf.cast(value, 'float32'), [1, 3])));
    expect(tf.grad(f)(x).arraySync()).toEqual([[3, -5, 6]]);
  });
});
