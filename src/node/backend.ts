import { createRequire } from 'node:module';

import * as tf from '@tensorflow/tfjs-core';

import { MapleError } from '../../layers/errors.js';
import { registerConvolutionGradient } from '../training/convolution_gradient.js';
import { speedUpWasm } from '../wasm/speed_up_wasm.js';
import { registerFileHandler } from './file_handler.js';
import { skipNativeIdentities } from './native_identities.js';
import { checkLoadedTfjs, loadedTfjsCopies, severalCopies } from './tfjs_copies.js';
import { shimTfjsNode } from './tfjs_node_shim.js';

/** The backends a Node program picks from, best first. */
export type BackendName = 'native' | 'wasm';

/** What {@link chooseBackend} got. */
export interface ChosenBackend {
  name: BackendName;
  /** For people, e.g. "native TensorFlow 2.21.0 on the CPU (@tensorflow/tfjs-node-gpu)". */
  description: string;
  /** One line for each better backend that could not be used: what is missing and what to do. Empty when native. */
  whyNotBetter: string[];
}

/** The part of a tfjs package that tells whether it shares our tfjs-core. */
type CoreOfPackage = Pick<typeof tf, 'Tensor' | 'engine'>;

/** What tfjs-node's backend object tells of itself. */
interface NativeBackend {
  binding: { TF_Version: string };
  isUsingGpuDevice: boolean;
}

type Attempt = { description: string } | { reason: string };

/** tfjs' packages with the native backend, best first. */
export const NATIVE_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const WASM_PACKAGE = '@tensorflow/tfjs-backend-wasm';

// require and not import(): tfjs-node is CommonJS, and both must find the one tfjs-core that we import.
const require = createRequire(import.meta.url);

/**
 * Makes the best backend tfjs' current one: native TensorFlow (tfjs-node-gpu, then tfjs-node), else WASM. It also
 * registers the `file://` handler, which tfjs lacks without tfjs-node.
 *
 * @param preferred - the only backend to accept; default: the environment variable `MAPLE_BACKEND`, else the best
 * @throws MapleError when the preferred backend, or any, cannot be used, with the reason for each; when the process has
 *   a second copy of tfjs-core, or one of another version than this library runs on
 */
export async function chooseBackend(
  preferred: BackendName | undefined = backendOfEnvironment(),
): Promise<ChosenBackend> {
  if (preferred !== undefined && preferred !== 'native' && preferred !== 'wasm') {
    throw new MapleError(`\`preferred\` must be "native" or "wasm". Received: ${JSON.stringify(preferred)}.`);
  }
  checkLoadedTfjs(tf.version_core);
  registerFileHandler();
  const reasons: string[] = [];
  if (preferred === 'wasm') {
    reasons.push('native: not tried, for the WASM backend was asked for');
  } else {
    const installed = NATIVE_PACKAGES.filter(isInstalled);
    if (installed.length === 0)
      reasons.push(
        `native: ${notInstalled(NATIVE_PACKAGES[0])}, then \`npx tfjs-maple native\` (in a clone: \`npm run native\`)`,
      );
    for (const name of installed) {
      const attempt = await tryNative(name);
      if ('description' in attempt) return { name: 'native', description: attempt.description, whyNotBetter: [] };
      reasons.push(attempt.reason);
    }
    if (preferred === 'native') throw unusable('The native backend cannot be used.', reasons);
  }
  const attempt = await tryWasm();
  if ('description' in attempt) return { name: 'wasm', description: attempt.description, whyNotBetter: reasons };
  throw preferred === 'wasm'
    ? unusable('The WASM backend cannot be used.', [attempt.reason])
    : unusable('No backend can be used.', [...reasons, attempt.reason]);
}

function backendOfEnvironment(): BackendName | undefined {
  const value = process.env.MAPLE_BACKEND;
  if (value === undefined || value === '') return undefined;
  if (value === 'native' || value === 'wasm') return value;
  throw new MapleError(`The environment variable MAPLE_BACKEND must be "native" or "wasm". Received: "${value}".`);
}

async function tryNative(name: string): Promise<Attempt> {
  shimTfjsNode();
  // TensorFlow reports its start in the log; warnings and information are of no use to the user of a program.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  let loaded: unknown;
  try {
    loaded = require(name);
  } catch (error) {
    return { reason: `native: ${reasonNotLoaded(name, error)}` };
  }
  assertSameCore(name, loaded as CoreOfPackage);
  try {
    await setBackend('tensorflow');
  } catch (error) {
    return { reason: `native: ${name} does not start: ${messageOf(error)}` };
  }
  skipNativeIdentities();
  const backend = tf.backend() as unknown as NativeBackend;
  const device = backend.isUsingGpuDevice ? 'the GPU' : 'the CPU';
  return { description: `native TensorFlow ${backend.binding.TF_Version} on ${device} (${name})` };
}

/** Why requiring a package of tfjs-node failed, and what to do. */
export function reasonNotLoaded(name: string, error: unknown): string {
  const message = messageOf(error);
  if (/native addon module .* can not be found/.test(message)) {
    return `${name} has no addon built for this machine; run \`npx tfjs-maple native\``;
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED') {
    return `the addon of ${name} or its TensorFlow library does not load (${message}); run \`npx tfjs-maple native\` again`;
  }
  return `${name} does not load: ${message}`;
}

async function tryWasm(): Promise<Attempt> {
  if (!isInstalled(WASM_PACKAGE)) return { reason: `wasm: ${notInstalled(WASM_PACKAGE)}` };
  try {
    require(WASM_PACKAGE);
    if (tf.findBackendFactory('wasm') === null) throw foreignCore(WASM_PACKAGE);
    await setBackend('wasm');
    registerConvolutionGradient();
    speedUpWasm();
  } catch (error) {
    if (error instanceof MapleError) throw error;
    return { reason: `wasm: ${WASM_PACKAGE} does not start: ${messageOf(error)}` };
  }
  return { description: `WebAssembly, one thread (${WASM_PACKAGE})` };
}

async function setBackend(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs refused the backend "${name}"`);
  await tf.ready();
}

function assertSameCore(name: string, loaded: CoreOfPackage): void {
  // The engine is one for the whole process, but classes and registries belong to a copy of tfjs-core.
  if (loaded.engine() !== tf.engine() || loaded.Tensor !== tf.Tensor) throw foreignCore(name);
}

function foreignCore(name: string): MapleError {
  const copies = severalCopies(loadedTfjsCopies()) ?? `It was loaded by ${require.resolve(name)}.`;
  return new MapleError(`${name} uses another copy of @tensorflow/tfjs-core than tfjs-maple. ${copies}`);
}

function unusable(what: string, reasons: string[]): MapleError {
  return new MapleError(`${what}\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`);
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function notInstalled(name: string): string {
  return `the package ${name} is not installed; run \`npm install --ignore-scripts ${name}\``;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
}
