import { beforeAll, expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { chooseBackend } from '../../src/node/backend.js';

/** The backends that what has a hand-written gradient is tested on. */
export const BACKENDS = ['cpu', 'wasm', 'native'] as const;

/** Has a suite run on a backend; gives whether to skip its tests, on a machine without the addon, which has the others. */
export function onBackend(backend: (typeof BACKENDS)[number]): () => boolean {
  let skip = false;
  beforeAll(async () => {
    tf.env().set('PROD', true);
    if (backend === 'cpu') {
      await tf.setBackend('cpu');
    } else {
      skip = (await chooseBackend(backend).catch(() => undefined))?.name !== backend;
      expect(skip && process.env.MAPLE_REQUIRE_NATIVE).toBeFalsy();
    }
  });
  return () => skip;
}
