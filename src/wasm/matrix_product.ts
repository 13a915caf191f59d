import * as tf from '@tensorflow/tfjs-core';
import { MATRIX_PRODUCT, MATRIX_PRODUCT_SHARED } from './matrix_product_binary.js';
import type { KernelArgs, WasmBackend } from './wasm_backend.js';

/** See matrix_product.wat; addresses and strides are in bytes. */
type Multiply = (
  ...args: [
    ...addresses: [a: number, b: number, out: number, scratch: number],
    ...sizes: [batches: number, m: number, k: number, n: number],
    ...ofA: [batch: number, row: number, column: number],
    ...ofB: [batch: number, row: number, column: number],
  ]
) => void;

/** One of two matrices, or batches of them, as the product takes it. */
interface Operand {
  batches: number;
  rows: number;
  columns: number;
  strides: [batch: number, row: number, column: number];
}

const FLOAT = 4;
const instances = new WeakMap<WasmBackend, Multiply | null>();

/**
 * tfjs' BatchMatMul by matrix_product.wat. tfjs' own takes XNNPACK for two plain matrices and a loop
 * over single numbers for batched or transposed ones.
 * @returns null where tfjs' own kernel has to do: other types, nothing to multiply, batches to be broadcast, or
 * an engine without SIMD
 */
export function matrixProduct({ inputs, backend: anyBackend, attrs }: KernelArgs): tf.TensorInfo | null {
  const backend = anyBackend as WasmBackend;
  const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
  const left = operand(a, attrs?.transposeA as boolean);
  const right = operand(b, attrs?.transposeB as boolean);
  const multiply = multiplyOf(backend);
  const isPlain = a.dtype === 'float32' && b.dtype === 'float32' && left.columns === right.rows;
  if (
    !multiply ||
    !isPlain ||
    left.batches !== right.batches ||
    tf.util.sizeFromShape(a.shape) === 0 ||
    tf.util.sizeFromShape(b.shape) === 0
  ) {
    return null;
  }
  const out = backend.makeOutput([...a.shape.slice(0, -2), left.rows, right.columns], 'float32');
  const scratch = backend.makeOutput([8 * left.columns + 32], 'float32');
  const [ofA, ofB, ofOut, ofScratch] = [a, b, out, scratch].map(({ dataId }) => backend.getMemoryOffset(dataId));
  const sizes = [left.batches, left.rows, left.columns, right.columns] as const;
  multiply(ofA, ofB, ofOut, ofScratch, ...sizes, ...left.strides, ...right.strides);
  backend.disposeData(scratch.dataId);
  return out;
}

function operand({ shape }: tf.TensorInfo, transposed: boolean): Operand {
  const [rows, columns] = shape.slice(-2);
  const batches = tf.util.sizeFromShape(shape.slice(0, -2));
  const batch = rows * columns * FLOAT;
  return transposed
    ? { batches, rows: columns, columns: rows, strides: [batch, FLOAT, columns * FLOAT] }
    : { batches, rows, columns, strides: [batch, columns * FLOAT, FLOAT] };
}

/** The product over a backend's memory; null where there is none. */
function multiplyOf(backend: WasmBackend): Multiply | null {
  let multiply = instances.get(backend);
  if (multiply === undefined) {
    multiply = instantiate(backend.wasm);
    instances.set(backend, multiply);
  }
  return multiply;
}

function instantiate({ asm, wasmMemory }: WasmBackend['wasm']): Multiply | null {
  const memory = asm?.memory ?? wasmMemory;
  if (memory === undefined) {
    return null;
  }
  // Threads share a memory of another type, which a module has to be compiled for.
  const isShared = Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';
  const base64 = isShared ? MATRIX_PRODUCT_SHARED : MATRIX_PRODUCT;
  const binary = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (!WebAssembly.validate(binary)) {
    return null; // an engine without SIMD
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { tfjs: { memory } });
  return exports.multiply as Multiply;
}
