import { MapleError } from '../../layers/errors.js';
import type { WeightValues } from '../backbone/backbone.js';
import type { ByteSource } from './byte_source.js';

/** An open file of named tensors, whatever its format: each tensor is read when it is asked for. */
export interface TensorFile {
  /** For messages: a path, URL or file name. */
  readonly name: string;
  /** Names of all tensors, in the file's order. */
  readonly names: readonly string[];
  /** Type of a tensor's elements, as safetensors calls it: F32, F16, BF16, F64, I64, ... */
  dtype(name: string): string;
  /** Shape of a tensor; [] is a scalar. */
  shape(name: string): readonly number[];
  /**
   * Reads one tensor of floating point as float32, row-major.
   * @throws MapleError when there is no such tensor, it is not of floating point, or the file changed
   */
  read(name: string): Promise<WeightValues>;
}

/**
 * A tensor's bytes from `start` (inclusive) to `end` (exclusive), in an array buffer of their own, so that any alignment
 * in the file is fine.
 * @param where - for messages: file and tensor
 * @throws MapleError when the file ends before them
 */
export async function readTensorBytes(
  source: ByteSource,
  where: string,
  start: number,
  end: number,
): Promise<ArrayBuffer> {
  const bytes = await source.read(start, end);
  if (bytes.length !== end - start) {
    throw new MapleError(
      `${where} must have ${end - start} bytes. Received: ${bytes.length}. Did the file change while it was read?`,
    );
  }
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  // Not by slice: of Node's Buffer it is no copy.
  return (whole ? bytes : new Uint8Array(bytes)).buffer as ArrayBuffer;
}

/**
 * What a file knows of a tensor.
 * @throws MapleError when it has no tensor of the name
 */
export function findTensor<T>(file: string, tensors: ReadonlyMap<string, T>, name: string): T {
  const found = tensors.get(name);
  if (found === undefined) {
    throw new MapleError(`${file} has no tensor "${name}". It has: ${[...tensors.keys()].join(', ')}.`);
  }
  return found;
}
