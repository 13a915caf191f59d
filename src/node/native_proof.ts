import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { MapleError } from '../../layers/errors.js';
import { lastLines, runProgram } from './run_program.js';

const require = createRequire(import.meta.url);
const here = path.dirname(fileURLToPath(import.meta.url));

// In a process of its own: a library that is no good may end it, and what is once loaded cannot be loaded again.
const LOAD = 'const addon = require(process.argv[1]); if (!addon.TF_Version) throw new Error("no TF_Version")';
const MULTIPLY = `
const util = require('util');
Object.assign(util, { isNullOrUndefined: (x) => x === null || x === undefined, isArray: Array.isArray });
const tf = require(process.argv[1]);
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync();
if (tf.getBackend() !== 'tensorflow') throw new Error('the backend is ' + tf.getBackend());
const { binding, isUsingGpuDevice } = tf.backend();
console.log(JSON.stringify({ product: [...product], version: binding.TF_Version, gpu: isUsingGpuDevice }));
`;

/** Loads a compiled addon in another process: undefined when it loads, else why not. */
export async function proveAddon(addon: string): Promise<string | undefined> {
  const result = await runProgram(process.execPath, ['-e', LOAD, addon]);
  if (result.code === 0) return undefined;
  const error = result.stderr.split('\n').find((line) => /^\w*Error/.test(line));
  return error ?? `the process ended with code ${result.code}\n${lastLines(result)}`;
}

/**
 * Multiplies two matrices with tfjs-node in another process.
 *
 * @throws MapleError when it does not load or the product is wrong
 */
export async function proveBackend(name: string): Promise<{ tensorflowVersion: string; gpu: boolean }> {
  const script = ['-e', MULTIPLY, require.resolve(name)];
  const result = await runProgram(process.execPath, script, { cwd: here, env: { TF_CPP_MIN_LOG_LEVEL: '2' } });
  const line = result.stdout.split('\n').find((text) => text.startsWith('{'));
  const proof = line && (JSON.parse(line) as { product: number[]; version: string; gpu: boolean });
  if (result.code !== 0 || !proof || proof.product.join() !== '19,22,43,50') {
    throw new MapleError(
      `${name} does not compute with the addon just built, which was taken back:\n` +
        (proof ? `[[1, 2], [3, 4]] times [[5, 6], [7, 8]] gave ${proof.product.join()}` : lastLines(result)),
    );
  }
  return { tensorflowVersion: proof.version, gpu: proof.gpu };
}
