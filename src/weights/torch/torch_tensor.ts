import type { Fail } from './pickle_cursor.js';

/** Bytes an element of the types that PyTorch stores, named as safetensors names them. */
export const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ['F64', 8],
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I64', 8],
  ['I32', 4],
  ['I16', 2],
  ['I8', 1],
  ['U8', 1],
  ['BOOL', 1],
  ['C64', 8],
  ['C128', 16],
  ['U16', 2],
  ['U32', 4],
  ['U64', 8],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
]);

/** A run of bytes of the file that tensors are views of. */
export interface TorchStorage {
  readonly kind: 'storage';
  /** For messages: the record of the archive, or the key. */
  readonly record: string;
  /** Undefined: bytes of no type. */
  readonly dtype: string | undefined;
  readonly bytes: number;
  /** Byte of the file where it begins. */
  locate(): Promise<number>;
}

/** A view of a storage, checked to lie inside it. */
export interface TorchTensor {
  readonly kind: 'tensor';
  readonly storage: TorchStorage;
  readonly dtype: string;
  /** Elements of the storage before the first. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements from one index to the next, per axis. */
  readonly strides: readonly number[];
}

/** A broadcast view may have more elements than its storage, but not so many that a small file claims much memory. */
const LARGEST_BROADCAST = 2 ** 20;

/** A tensor, after checking that every element lies inside its storage. */
export function checkedTensor(tensor: Omit<TorchTensor, 'kind'>, fail: Fail): TorchTensor {
  const { storage, dtype, offset, shape, strides } = tensor;
  const elements = Math.floor(storage.bytes / elementBytes(dtype));
  const describe = `a tensor [${shape.join(', ')}] with strides [${strides.join(', ')}] from element ${offset}`;
  if (shape.length !== strides.length) {
    return fail(`${describe} must have as many strides as axes.`);
  }
  const count = elementCount(shape);
  const last =
    count === 0 ? offset - 1 : offset + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
  if (!(last < elements)) {
    return fail(
      `${describe} must lie inside its storage ${storage.record} of ${elements} elements. Is the file complete?`,
    );
  }
  if (count > Math.max(elements, LARGEST_BROADCAST)) {
    return fail(`${describe} must not have more elements than its storage ${storage.record}, which has ${elements}.`);
  }
  return { kind: 'tensor', ...tensor };
}

/** Bytes of an element of a type in {@link ELEMENT_BYTES}. */
export function elementBytes(dtype: string): number {
  return ELEMENT_BYTES.get(dtype) as number;
}

/** Elements of a tensor; of sizes beyond reason it may be infinite. */
export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/** Elements of the storage from the first to the last that a tensor touches, ends included. */
export function elementSpan({ shape, strides }: TorchTensor): number {
  return elementCount(shape) === 0 ? 0 : 1 + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
}

/** Whether the elements lie one after the other, row by row. */
export function isContiguous({ shape, strides }: TorchTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) {
      return elementCount(shape) === 0;
    }
    expected *= shape[axis];
  }
  return true;
}

/** The elements of a view in row-major order, out of the span that it touches. */
export function gather<T extends Float32Array | Int32Array>(span: T, { shape, strides }: TorchTensor): T {
  const count = elementCount(shape);
  const result = new (span.constructor as new (length: number) => T)(count);
  const index = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let i = 0; i < count; i++) {
    result[i] = span[position];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis];
      index[axis] += 1;
      if (index[axis] < shape[axis]) {
        break;
      }
      position -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
