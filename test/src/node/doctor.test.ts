import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import { chooseBackend } from '../../../src/node/backend.js';
import { findCuda } from '../../../src/node/cuda_libraries.js';
import { adviceFor, diagnose, formatDiagnosis, type Diagnosis } from '../../../src/node/doctor.js';

const before = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'maple-doctor-'));
});
afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true });
});

test('on WASM, with an empty cache: what is found, and a measured speed', async () => {
  process.env.MAPLE_BACKEND = 'wasm';
  process.env.MAPLE_CACHE = path.join(folder, 'none');
  await chooseBackend('wasm');
  const tensors = tf.memory().numTensors;
  const diagnosis = await diagnose({ size: 128 });
  expect(tf.memory().numTensors).toBe(tensors);
  expect(diagnosis).toMatchObject({
    node: `${process.version} on ${process.platform} ${process.arch}`,
    backend: { name: 'wasm' },
    problem: undefined,
    tensorflow: { version: undefined },
    threads: { available: os.availableParallelism(), used: 1 },
    cache: path.join(folder, 'none'),
    speed: { size: 128, repeats: 7 },
  });
  expect(diagnosis.speed!.gigaflops).toBeGreaterThan(0.1);
  expect(diagnosis.memory.available).toBeLessThan(diagnosis.memory.total);
  const text = formatDiagnosis(diagnosis);
  expect(text).toMatch(/^backend +WebAssembly, one thread/m);
  expect(text).toMatch(/^cache +.*none \(not there yet\)$/m);
  expect(text).toMatch(/^speed +[\d.]+ GFLOP\/s \(128 x 128, 7 times\)$/m);
  expect(text).toContain('`npx tfjs-maple native` builds the native backend, which is faster.');
});

test('TensorFlow and CUDA libraries in the cache are found', async () => {
  process.env.MAPLE_BACKEND = 'wasm';
  process.env.MAPLE_CACHE = folder;
  const cuda = path.join(folder, 'tensorflow-2.21.0-cuda-x64');
  const runtime = path.join(cuda, 'nvidia', 'cuda_runtime', 'lib', 'libcudart.so.12');
  const blas = path.join(cuda, 'nvidia', 'cublas', 'lib', 'libcublasLt.so.12');
  for (const file of [runtime, blas, path.join(cuda, 'tensorflow', 'libtensorflow_cc.so.2')]) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, '');
  }
  const report = Object.fromEntries(
    (await findCuda([path.join(cuda, 'nvidia')])).libraries.map((l) => [l.name, l.path]),
  );
  expect(report).toMatchObject({ 'libcudart.so.12': runtime, 'libcublasLt.so.12': blas });
  expect(report['libcublas.so.12']).not.toBe(blas);
  const text = formatDiagnosis(await diagnose({ size: 16 }));
  expect(text).toContain(runtime);
  expect(text).toMatch(/libtensorflow_cc\.so\.2 +\//);
});

test('without a backend it tells why, and does not fail', async () => {
  process.env.MAPLE_BACKEND = 'gpu';
  const diagnosis = await diagnose();
  expect(diagnosis).toMatchObject({ backend: undefined, speed: undefined });
  expect(formatDiagnosis(diagnosis)).toMatch(/^backend +none\. The environment variable MAPLE_BACKEND must be/m);
});

test.each([
  ['no GPU', [], undefined, 'the CPU', []],
  ['a GPU in use', ['A100'], '/libcuda.so.1', 'the GPU', []],
  [
    'a GPU not in use',
    ['A100'],
    '/libcuda.so.1',
    'the CPU',
    ['There is a GPU that is not used: `npx tfjs-maple native --cuda`.'],
  ],
  ['no driver', ['A100'], undefined, 'the CPU', ["There is a GPU, but libcuda is missing: install NVIDIA's driver."]],
])('advice for %s', (_, gpus, driver, device, advice) => {
  const diagnosis = {
    backend: { name: 'native', description: `native TensorFlow 2.21.0 on ${device} (x)`, whyNotBetter: [] },
    cuda: { gpus, libraries: [{ name: 'libcuda.so.1', path: driver }] },
  };
  expect(adviceFor(diagnosis as unknown as Diagnosis)).toEqual(advice);
});
