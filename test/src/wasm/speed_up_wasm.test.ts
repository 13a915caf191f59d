import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { matrixProduct } from '../../../src/wasm/matrix_product.js';
import { speedUpWasm } from '../../../src/wasm/speed_up_wasm.js';
import type { WasmBackend } from '../../../src/wasm/wasm_backend.js';

/** How often tfjs' own kernels were asked. */
const asked: Record<string, number> = {};

beforeAll(async () => {
  expect(() => speedUpWasm()).toThrow('Import @tensorflow/tfjs-backend-wasm first');
  await import('@tensorflow/tfjs-backend-wasm');
  for (const kernelName of ['BatchMatMul', 'GatherV2', 'SplitV', 'Tile']) {
    const kernel = tf.getKernel(kernelName, 'wasm');
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (args) => {
        asked[kernelName] = (asked[kernelName] ?? 0) + 1;
        return kernel.kernelFunc(args);
      },
    });
  }
  speedUpWasm();
  speedUpWasm(); // does nothing more
  await tf.setBackend('wasm');
});

afterEach(() => {
  for (const name of Object.keys(asked)) {
    delete asked[name];
  }
});

/** Values that float32 adds up exactly, so that the order of sums does not matter. */
function integers(shape: number[], factor: number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, index) => ((index * factor) % 17) - 8),
    shape,
  );
}

/** The definition of a product of batches, number by number. */
function product(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): number[] {
  const [ofA, ofB] = [a.dataSync(), b.dataSync()];
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [m, k, n] = [transposeA ? aColumns : aRows, transposeA ? aRows : aColumns, transposeB ? bRows : bColumns];
  const batches = a.size / (m * k);
  const values: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let term = 0; term < k; term++) {
          const left = transposeA ? term * aColumns + row : row * aColumns + term;
          const right = transposeB ? column * bColumns + term : term * bColumns + column;
          sum += ofA[batch * m * k + left] * ofB[batch * k * n + right];
        }
        values.push(sum);
      }
    }
  }
  return values;
}

const SIZES = [
  { batch: [], m: 1, k: 1, n: 1 },
  { batch: [], m: 5, k: 3, n: 7 },
  { batch: [], m: 4, k: 50, n: 8 },
  { batch: [], m: 1, k: 20, n: 9 },
  { batch: [3], m: 6, k: 9, n: 16 },
  { batch: [2, 3], m: 7, k: 5, n: 19 },
];
const TRANSPOSED = [false, true].flatMap((a) => [false, true].map((b) => [a, b] as const));

describe('matrix products', () => {
  describe.each(SIZES)('$batch x $m x $k x $n', ({ batch, m, k, n }) => {
    test.each(TRANSPOSED)('transposed: %s, %s', (transposeA, transposeB) => {
      const a = integers([...batch, ...(transposeA ? [k, m] : [m, k])], 5);
      const b = integers([...batch, ...(transposeB ? [n, k] : [k, n])], 7);
      const result = tf.matMul(a, b, transposeA, transposeB);
      expect(result.shape).toEqual([...batch, m, n]);
      expect(Array.from(result.dataSync())).toEqual(product(a, b, transposeA, transposeB));
      expect(asked).toEqual({});
    });
  });

  test('after the memory has grown', () => {
    const [a, b] = [integers([3, 4], 5), integers([4, 5], 7)];
    const large = tf.zeros([64, 1024, 1024]);
    expect(Array.from(tf.matMul(a, b).dataSync())).toEqual(product(a, b, false, false));
    large.dispose();
  });

  test('leave nothing behind', () => {
    const backend = tf.backend() as WasmBackend;
    const [a, b] = [integers([2, 3, 4], 5), integers([2, 4, 5], 7)];
    const before = backend.numDataIds();
    tf.matMul(a, b).dispose();
    expect(backend.numDataIds()).toBe(before);
  });

  test('in a memory that threads share', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 32768, shared: true });
    const heap = new Float32Array(memory.buffer);
    heap.set([1, 2, 3, 4, 5, 6], 0); // a [2, 3]
    heap.set([1, 0, 2, 0, 1, 3], 8); // b [2, 3], transposed
    const places = new Map<object, number>();
    const place = (at: number, shape: number[]): tf.TensorInfo => {
      const dataId = {};
      places.set(dataId, at * 4);
      return { dataId, shape, dtype: 'float32' };
    };
    const backend = {
      wasm: { wasmMemory: memory },
      makeOutput: (shape: number[]) => place(shape.length === 1 ? 64 : 16, shape),
      getMemoryOffset: (dataId: object) => places.get(dataId),
      disposeData: () => true,
    };
    const inputs = { a: place(0, [2, 3]), b: place(8, [2, 3]) };
    const result = matrixProduct({ inputs, backend, attrs: { transposeA: false, transposeB: true } });
    expect(result?.shape).toEqual([2, 2]);
    expect(Array.from(heap.subarray(16, 20))).toEqual([7, 11, 16, 23]);
  });

  test('of broadcast batches and of nothing are left to tfjs', () => {
    expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
    expect(asked).toEqual({ BatchMatMul: 1 });
    const [a, b] = [integers([2, 3, 4], 5), integers([1, 4, 5], 7)];
    tf.matMul(a, b);
    expect(asked).toEqual({ BatchMatMul: 2 });
  });
});

describe('rows', () => {
  test('gathered by indices of any shape, of floats and integers', () => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2]);
    const rows = tf.gather(x, tf.tensor2d([[2, 0, 2]], [1, 3], 'int32'));
    expect(rows.shape).toEqual([1, 3, 2, 2]);
    expect(Array.from(rows.dataSync())).toEqual([9, 10, 11, 12, 1, 2, 3, 4, 9, 10, 11, 12]);
    const numbers = tf.gather(tf.tensor1d([5, 6, 7], 'int32'), tf.tensor1d([1, 1], 'int32'));
    expect([numbers.dtype, ...numbers.dataSync()]).toEqual(['int32', 6, 6]);
    expect(asked).toEqual({});
  });

  test('gathered along another axis, or at an index out of range: as tfjs does', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(Array.from(tf.gather(x, tf.tensor1d([2, 0], 'int32'), 1).dataSync())).toEqual([3, 1, 6, 4]);
    const before = (tf.backend() as WasmBackend).numDataIds();
    expect(() => tf.gather(x, tf.tensor1d([2], 'int32'))).toThrow('the index value 2 is not in [0, 1]');
    expect((tf.backend() as WasmBackend).numDataIds()).toBe(before + 1); // the indices
    expect(asked).toEqual({ GatherV2: 2 });
  });

  test.each([
    { reps: [2, 1, 1], expected: [1, 2, 3, 4, 1, 2, 3, 4] },
    { reps: [1, 2, 1], expected: [1, 2, 1, 2, 3, 4, 3, 4] },
    { reps: [1, 1, 2], expected: [1, 2, 1, 2, 3, 4, 3, 4] },
  ])('repeated along an axis: $reps', ({ reps, expected }) => {
    const x = tf.tensor3d([1, 2, 3, 4], [2, 1, 2]);
    expect(Array.from(tf.tile(x, reps).dataSync())).toEqual(expected);
    expect(asked).toEqual({});
  });

  test('repeated along two axes: as tfjs does', () => {
    expect(Array.from(tf.tile(tf.tensor2d([[1, 2]]), [2, 2]).dataSync())).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(asked).toEqual({ Tile: 1 });
  });

  test.each([
    {
      axis: 0,
      parts: [
        [1, 2, 3, 4],
        [5, 6, 7, 8, 9, 10, 11, 12],
      ],
      sizes: [1, 2],
    },
    {
      axis: 1,
      parts: [
        [1, 2, 5, 6, 9, 10],
        [3, 4, 7, 8, 11, 12],
      ],
      sizes: [1, 1],
    },
    {
      axis: 2,
      parts: [
        [1, 3, 5, 7, 9, 11],
        [2, 4, 6, 8, 10, 12],
      ],
      sizes: 2,
    },
  ])('split along axis $axis', ({ axis, parts, sizes }) => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2]);
    const split = tf.split(x, sizes, axis);
    expect(split.map((part) => Array.from(part.dataSync()))).toEqual(parts);
    expect(asked).toEqual({});
  });

  test('split in parts that do not come out even: as tfjs does', () => {
    expect(() => tf.split(tf.tensor1d([1, 2, 3, 4, 5]), 2)).toThrow('evenly divide');
    expect(asked).toEqual({ SplitV: 1 });
  });

  test('split with a size to be inferred: as tfjs does', () => {
    const [one, rest] = tf.split(tf.tensor1d([1, 2, 3]), [1, -1]);
    expect([...one.dataSync(), ...rest.dataSync()]).toEqual([1, 2, 3]);
    expect(asked).toEqual({ SplitV: 1 });
  });
});
