import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import { matrixProduct } from './matrix_product.js';
import { gatherRows, splitAxis, tileAxis } from './row_copies.js';
import type { KernelArgs } from './wasm_backend.js';

/** Kernels of this library, each with what it cannot do left to tfjs' own of that name. */
const KERNELS: Record<string, (args: KernelArgs) => tf.TensorInfo | tf.TensorInfo[] | null> = {
  BatchMatMul: matrixProduct,
  GatherV2: gatherRows,
  SplitV: splitAxis,
  Tile: tileAxis,
};

const replaced = new Set<string>();

/**
 * Gives tfjs' WASM backend faster kernels for matrix products and for copying rows, with the same results: a training
 * step takes a little over half the time. To be called once `@tensorflow/tfjs-backend-wasm` is imported; safe to call again.
 * Under Node `chooseBackend` has done it.
 *
 * @throws MapleError when the WASM backend is not there
 */
export function speedUpWasm(): void {
  for (const [kernelName, faster] of Object.entries(KERNELS)) {
    const kernel = tf.getKernel(kernelName, 'wasm');
    if (!kernel) {
      throw new MapleError(
        `speedUpWasm: the WASM backend has no kernel ${kernelName}. Import @tensorflow/tfjs-backend-wasm first.`,
      );
    }
    if (!replaced.has(kernelName)) {
      replaced.add(kernelName);
      tf.unregisterKernel(kernelName, 'wasm');
      tf.registerKernel({ ...kernel, kernelFunc: (args) => faster(args) ?? kernel.kernelFunc(args) });
    }
  }
}
