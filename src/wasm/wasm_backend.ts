import type * as tf from '@tensorflow/tfjs-core';

/** What tfjs calls a kernel with. */
export type KernelArgs = Parameters<tf.KernelFunc>[0];

/** What the kernels of this folder use of tfjs' WASM backend. */
export interface WasmBackend extends tf.KernelBackend {
  /** Emscripten's module. Its memory holds the tensors: its own, or one shared by threads. */
  wasm: { asm?: { memory?: WebAssembly.Memory }; wasmMemory?: WebAssembly.Memory };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** Where a tensor lies, in bytes. */
  getMemoryOffset(dataId: tf.DataId): number;
  /** A view, good until the next tensor is made. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}
