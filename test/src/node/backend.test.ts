import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type util from 'node:util';

import { afterEach, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import { MapleError } from '../../../layers/errors.js';
import { chooseBackend, reasonNotLoaded, type BackendName } from '../../../src/node/backend.js';
import { shimTfjsNode } from '../../../src/node/tfjs_node_shim.js';

const before = process.env.MAPLE_BACKEND;
afterEach(() => {
  if (before === undefined) delete process.env.MAPLE_BACKEND;
  else process.env.MAPLE_BACKEND = before;
});

describe('chooseBackend', () => {
  test('WASM when asked for: it computes, and tells why not native', async () => {
    const chosen = await chooseBackend('wasm');
    expect(chosen.name).toBe('wasm');
    expect(chosen.whyNotBetter).toEqual(['native: not tried, for the WASM backend was asked for']);
    expect(tf.getBackend()).toBe('wasm');
    expect(Array.from(tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync())).toEqual([11]);
  });

  test('MAPLE_BACKEND is the preference when no argument is given', async () => {
    process.env.MAPLE_BACKEND = 'wasm';
    expect((await chooseBackend()).name).toBe('wasm');
  });

  test('the best there is, which is WASM with its reasons when native is not', async () => {
    delete process.env.MAPLE_BACKEND;
    const chosen = await chooseBackend();
    if (chosen.name === 'native') {
      expect(tf.getBackend()).toBe('tensorflow');
      expect(chosen.description).toMatch(
        /^native TensorFlow \d+\.\d+\.\d+ on the [CG]PU \(@tensorflow\/tfjs-node(-gpu)?\)$/,
      );
      expect(chosen.whyNotBetter).toEqual([]);
    } else {
      expect(tf.getBackend()).toBe('wasm');
      expect(chosen.whyNotBetter).toEqual([expect.stringMatching(/^native: .*`npx tfjs-maple native`/)]);
      await expect(chooseBackend('native')).rejects.toThrow(/The native backend cannot be used\.\n {2}- native: /);
    }
  });

  test('saving and loading by file:// works on what was chosen', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'maple-backend-'));
    try {
      await chooseBackend();
      const model = tfl.sequential();
      model.add(tfl.layers.dense({ units: 2, inputShape: [3] }));
      await model.save(`file://${folder}/not/yet/there`);
      const back = await tfl.loadLayersModel(`file://${folder}/not/yet/there`);
      const values = (of: tfl.LayersModel): number[] => Array.from(of.getWeights()[0].dataSync());
      expect(values(back)).toEqual(values(model));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('what is no backend is refused', async () => {
    await expect(chooseBackend('webgl' as BackendName)).rejects.toThrow(
      '`preferred` must be "native" or "wasm". Received: "webgl".',
    );
    process.env.MAPLE_BACKEND = 'gpu';
    await expect(chooseBackend()).rejects.toThrow(MapleError);
    await expect(chooseBackend()).rejects.toThrow('MAPLE_BACKEND must be "native" or "wasm". Received: "gpu".');
  });
});

test.each([
  [
    'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x.',
    '',
    'no addon built for this machine',
  ],
  [
    'libtensorflow_cc.so.2: cannot open shared object file',
    'ERR_DLOPEN_FAILED',
    'does not load (libtensorflow_cc.so.2: cannot',
  ],
  ["/lib/libm.so.6: version `GLIBC_2.38' not found", 'ERR_DLOPEN_FAILED', 'run `npx tfjs-maple native` again'],
  ['tfjs_binding.node: file too short', 'ERR_DLOPEN_FAILED', 'does not load (tfjs_binding.node: file too short)'],
  ['something else\nRequire stack:', 'MODULE_NOT_FOUND', '@tensorflow/x does not load: something else'],
])('the reason for "%s"', (message, code, reason) => {
  expect(reasonNotLoaded('@tensorflow/x', Object.assign(new Error(message), { code }))).toContain(reason);
});

test('the shim gives back what tfjs-node calls', () => {
  shimTfjsNode();
  const required = createRequire(import.meta.url)('node:util') as typeof util & {
    isNullOrUndefined(value: unknown): boolean;
  };
  expect([null, undefined, 0, ''].map((value) => required.isNullOrUndefined(value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(required.isArray([])).toBe(true);
});
