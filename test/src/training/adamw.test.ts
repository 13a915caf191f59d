import { afterEach, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import { adamW, AdamW, type AdamWArgs } from '../../../src/training/adamw.js';

const KERNEL = [0.5, -1.25, 2, 0.75];
const BIAS = [0.1, -0.3];
const RATES = [0.1, 0.1, 0.05, 0.05, 0.02];

/** A different gradient a step and entry. */
const gradientAt = (step: number, index: number) => Math.sin(1.7 * step + 0.9 * index) * (index + 1);

/** torch.optim.AdamW in plain numbers. */
function reference(start: number[], decay: number, gradient: (step: number, index: number) => number): number[] {
  const p = [...start];
  const m = start.map(() => 0);
  const v = start.map(() => 0);
  RATES.forEach((rate, step) => {
    for (let i = 0; i < p.length; i++) {
      const g = gradient(step, i);
      p[i] -= rate * decay * p[i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      const mHat = m[i] / (1 - 0.9 ** (step + 1));
      const vHat = v[i] / (1 - 0.999 ** (step + 1));
      p[i] -= (rate * mHat) / (Math.sqrt(vHat) + 1e-8);
    }
  });
  return p;
}

let count = 0;
function variables() {
  count++;
  return [
    tf.variable(tf.tensor2d(KERNEL, [2, 2]), true, `k${count}`),
    tf.variable(tf.tensor1d(BIAS), true, `b${count}`),
  ];
}

function gradients(vars: tf.Variable[], step: number) {
  return vars.map(({ name, shape, size }) => ({
    name,
    tensor: tf.tensor(
      Array.from({ length: size }, (_, index) => gradientAt(step, index)),
      shape,
    ),
  }));
}

function run(optimizer: AdamW, vars: tf.Variable[], steps: number[], form: 'list' | 'map' = 'list') {
  for (const step of steps) {
    optimizer.setLearningRate(RATES[step]);
    const list = gradients(vars, step);
    optimizer.applyGradients(
      form === 'list' ? list : Object.fromEntries(list.map(({ name, tensor }) => [name, tensor])),
    );
    tf.dispose(list.map(({ tensor }) => tensor));
  }
}

function expectClose(variable: tf.Variable, expected: number[], digits = 5) {
  [...variable.dataSync()].forEach((value, index) => expect(value).toBeCloseTo(expected[index], digits));
}

afterEach(() => tf.disposeVariables());

describe('AdamW', () => {
  test.each(['list', 'map'] as const)('five steps give PyTorch numbers (gradients as a %s)', (form) => {
    const vars = variables();
    run(adamW({ learningRate: 1, weightDecay: 0.2 }), vars, [0, 1, 2, 3, 4], form);
    expectClose(vars[0], reference(KERNEL, 0.2, gradientAt));
    expectClose(vars[1], reference(BIAS, 0, gradientAt));
  });

  test('`decays` chooses the variables that decay', () => {
    const vars = variables();
    run(adamW({ learningRate: 1, weightDecay: 0.2, decays: (name) => name.startsWith('b') }), vars, [0, 1, 2, 3, 4]);
    expectClose(vars[0], reference(KERNEL, 0, gradientAt));
    expectClose(vars[1], reference(BIAS, 0.2, gradientAt));
  });

  test('clipNorm scales all gradients to one global length, and leaves short ones', () => {
    const length = (step: number) =>
      Math.sqrt([0, 1, 2, 3, 0, 1].reduce((sum, index) => sum + gradientAt(step, index) ** 2, 0));
    const lengths = RATES.map((_, step) => length(step));
    const clipNorm = (Math.min(...lengths) + Math.max(...lengths)) / 2;
    const clipped = (step: number, index: number) =>
      gradientAt(step, index) * Math.min(1, clipNorm / (lengths[step] + 1e-6));
    const vars = variables();
    run(adamW({ learningRate: 1, weightDecay: 0.2, clipNorm }), vars, [0, 1, 2, 3, 4]);
    expectClose(vars[0], reference(KERNEL, 0.2, clipped));
    expectClose(vars[1], reference(BIAS, 0, clipped));
  });

  test('resumes exactly from its weights and configuration', async () => {
    const straight = variables();
    run(adamW({ learningRate: 1, weightDecay: 0.2 }), straight, [0, 1, 2, 3, 4]);

    const first = adamW({ learningRate: 1, weightDecay: 0.2 });
    const vars = variables();
    run(first, vars, [0, 1]);
    const config = JSON.parse(JSON.stringify(first.getConfig()));
    const state = (await first.getWeights()).map(({ name, tensor }) => ({ name, tensor: tf.clone(tensor) }));
    expect(state.map(({ name }) => name)).toEqual([
      'iter',
      ...['m', 'v'].flatMap((s) => vars.map((v) => `${v.name}/${s}`)),
    ]);
    const second = AdamW.fromConfig<AdamW>(AdamW, config);
    await second.setWeights(state);
    tf.dispose(state.map(({ tensor }) => tensor));
    run(second, vars, [2, 3, 4]);
    expect(second.iterations).toBe(5);
    vars.forEach((variable, index) => expect([...variable.dataSync()]).toEqual([...straight[index].dataSync()]));
  });

  test('a variable that first gets a gradient later does not take another one’s moments', () => {
    const vars = variables();
    const optimizer = adamW({ learningRate: 0.1, weightDecay: 0 });
    run(optimizer, [vars[1]], [0]);
    run(optimizer, vars, [1]);
    const ratio = 0.1 / (1 - 0.9 ** 2) / Math.sqrt(0.001 / (1 - 0.999 ** 2));
    expectClose(
      vars[0],
      KERNEL.map((value, index) => value - RATES[1] * ratio * Math.sign(gradientAt(1, index))),
    );
  });

  test('refuses state that does not fit', async () => {
    const optimizer = adamW({ learningRate: 0.1 });
    const [kernel, bias] = variables();
    run(optimizer, [kernel], [0]);
    const state = (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: tf.clone(tensor) }));
    const other = adamW({ learningRate: 0.1 });
    await other.setWeights(state);
    expect(() => run(other, [bias], [1])).toThrow(/must fit the variables .*\[2,2\]/);
    await expect(other.setWeights(state.slice(0, 2))).rejects.toThrow(MapleError);
  });

  test('minimize leaks nothing, and dispose frees everything', () => {
    const vars = variables();
    const before = tf.memory().numTensors;
    const optimizer = adamW({ learningRate: 0.1, clipNorm: 1 });
    const loss = () => tf.sum(tf.square(tf.add(vars[0], tf.slice(vars[1], 0, 1)))) as tf.Scalar;
    optimizer.minimize(loss, false, vars);
    const after = tf.memory().numTensors;
    expect(after).toBe(before + 4);
    for (let step = 0; step < 3; step++) {
      optimizer.minimize(loss, false, vars);
    }
    expect(tf.memory().numTensors).toBe(after);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[Partial<AdamWArgs>, string]>([
    [{ learningRate: NaN }, '`learningRate` must be a number of 0 or more. Received: NaN.'],
    [{ beta1: 1 }, '`beta1` must be in [0, 1). Received: 1.'],
    [{ beta2: -0.5 }, '`beta2` must be in [0, 1). Received: -0.5.'],
    [{ epsilon: 0 }, '`epsilon` must be a positive number. Received: 0.'],
    [{ weightDecay: -1 }, '`weightDecay` must be a number of 0 or more. Received: -1.'],
    [{ clipNorm: 0 }, '`clipNorm` must be a positive number or left out. Received: 0.'],
  ])('refuses %o', (args, message) => {
    expect(() => adamW({ learningRate: 1, ...args })).toThrow(new MapleError(message));
  });
});
