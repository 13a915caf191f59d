import type { WeightValues } from '../backbone/backbone.js';

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
