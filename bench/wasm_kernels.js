import * as tf from '@tensorflow/tfjs-core';
import { speedUpWasm } from '../dist/src/index.js';

/** The kernels of tfjs' WASM backend, once imported: tfjs' own, and those with `speedUpWasm`'s. */
export function kernelSets() {
  const own = tf.getKernelsForBackend('wasm');
  speedUpWasm();
  return { 'tfjs alone': own, speedUpWasm: tf.getKernelsForBackend('wasm') };
}

export function useKernels(kernels) {
  for (const kernel of kernels) {
    if (tf.getKernel(kernel.kernelName, 'wasm') !== kernel) {
      tf.unregisterKernel(kernel.kernelName, 'wasm');
      tf.registerKernel(kernel);
    }
  }
}
