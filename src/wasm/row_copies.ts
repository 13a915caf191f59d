import * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, WasmBackend } from './wasm_backend.js';

// tfjs' WASM works out each number's place by itself, or copies a whole tensor before it takes a part. All three below move
// whole rows within the memory.

/** GatherV2 along the first axis; null where tfjs' own kernel has to do. */
export function gatherRows({ inputs, backend: anyBackend, attrs }: KernelArgs): tf.TensorInfo | null {
  const backend = anyBackend as WasmBackend;
  const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
  const [rows, ...row] = x.shape;
  if (attrs?.axis !== 0 || attrs.batchDims !== 0 || !isCopied(x) || indices.dtype !== 'int32') {
    return null;
  }
  const out = backend.makeOutput([...indices.shape, ...row], x.dtype);
  const [from, places, to] = [x, indices, out].map((tensor) => backend.typedArrayFromHeap(tensor));
  const size = tf.util.sizeFromShape(row);
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    if (!(place >= 0 && place < rows)) {
      backend.disposeData(out.dataId);
      return null; // tfjs tells what is wrong
    }
    to.set(from.subarray(place * size, (place + 1) * size), index * size);
  }
  return out;
}

/** Tile along one axis; null where tfjs' own kernel has to do. */
export function tileAxis({ inputs, backend: anyBackend, attrs }: KernelArgs): tf.TensorInfo | null {
  const backend = anyBackend as WasmBackend;
  const { x } = inputs as { x: tf.TensorInfo };
  const repetitions = attrs?.reps as number[];
  const axis = repetitions.findIndex((times) => times !== 1);
  if (axis < 0 || repetitions.slice(axis + 1).some((times) => times !== 1) || !isCopied(x)) {
    return null;
  }
  const times = repetitions[axis];
  const out = backend.makeOutput(
    x.shape.map((size, at) => size * repetitions[at]),
    x.dtype,
  );
  const [from, to] = [x, out].map((tensor) => backend.typedArrayFromHeap(tensor));
  const size = tf.util.sizeFromShape(x.shape.slice(axis));
  for (let place = 0, written = 0; place < from.length; place += size) {
    const part = from.subarray(place, place + size);
    for (let time = 0; time < times; time++, written += size) {
      to.set(part, written);
    }
  }
  return out;
}

/** SplitV into parts of given sizes; null where tfjs' own kernel has to do. */
export function splitAxis({ inputs, backend: anyBackend, attrs }: KernelArgs): tf.TensorInfo[] | null {
  const backend = anyBackend as WasmBackend;
  const { x } = inputs as { x: tf.TensorInfo };
  const axis = attrs?.axis as number;
  const wanted = attrs?.numOrSizeSplits as number | number[];
  const whole = x.shape[axis];
  const sizes = typeof wanted === 'number' ? Array<number>(wanted).fill(whole / wanted) : wanted;
  const fits =
    sizes.every((size) => Number.isInteger(size) && size > 0) && sizes.reduce((sum, size) => sum + size, 0) === whole;
  if (!fits || !isCopied(x)) {
    return null;
  }
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  let before = 0;
  return sizes.map((size) => {
    const out = backend.makeOutput([...x.shape.slice(0, axis), size, ...x.shape.slice(axis + 1)], x.dtype);
    const [from, to] = [x, out].map((tensor) => backend.typedArrayFromHeap(tensor));
    const [step, length] = [whole * inner, size * inner];
    for (let place = before * inner, written = 0; written < to.length; place += step, written += length) {
      to.set(from.subarray(place, place + length), written);
    }
    before += size;
    return out;
  });
}

function isCopied({ shape, dtype }: tf.TensorInfo): boolean {
  return (dtype === 'float32' || dtype === 'int32') && tf.util.sizeFromShape(shape) > 0;
}
