import type { WeightValues } from '../backbone/backbone.js';
import type { ByteSource } from './byte_source.js';
import { floatsOf, integersOf } from './decoders.js';
import { readHeader } from './safetensors_header.js';
import type { Dtype, SafetensorsHeader, TensorEntry } from './safetensors_header.js';
import { findTensor, readTensorBytes, type TensorFile } from './tensor_file.js';

/** An open safetensors file: its header is in memory, a tensor is read when it is asked for. */
export class SafetensorsFile implements TensorFile {
  /** Names of all tensors, in the header's order. */
  readonly names: readonly string[];
  /** Free text that the writer left. */
  readonly metadata: ReadonlyMap<string, string>;

  /** Use {@link openSafetensors}, which checks the header. */
  constructor(
    private readonly source: ByteSource,
    private readonly header: SafetensorsHeader,
  ) {
    this.names = [...header.tensors.keys()];
    this.metadata = header.metadata;
  }

  /** The source's name, for messages. */
  get name(): string {
    return this.source.name;
  }

  /** Type of a tensor's elements. */
  dtype(name: string): Dtype {
    return this.entry(name).dtype;
  }

  /** Shape of a tensor; [] is a scalar. */
  shape(name: string): readonly number[] {
    return this.entry(name).shape;
  }

  /**
   * Reads one tensor of floating point as float32, row-major.
   * @throws MapleError when there is no such tensor, it is not of floating point, or the file changed
   */
  async read(name: string): Promise<WeightValues> {
    const { dtype, shape } = this.entry(name);
    const values = floatsOf(this.where(name), dtype, () => this.bytes(name));
    return { shape: [...shape], values: await values };
  }

  /**
   * Reads one tensor of integers (I64, I32, I16, I8, U8 or BOOL), row-major.
   * @throws MapleError when there is no such tensor, it is not of these types, or an I64 is beyond 32 bits
   */
  async readIntegers(name: string): Promise<{ shape: number[]; values: Int32Array }> {
    const { dtype, shape } = this.entry(name);
    const values = integersOf(this.where(name), dtype, () => this.bytes(name));
    return { shape: [...shape], values: await values };
  }

  private bytes(name: string): Promise<ArrayBuffer> {
    const { start, end } = this.entry(name);
    return readTensorBytes(this.source, this.where(name), start, end);
  }

  private where(name: string): string {
    return `${this.name}: tensor "${name}"`;
  }

  private entry(name: string): TensorEntry {
    return findTensor(this.name, this.header.tensors, name);
  }
}

/**
 * Opens a safetensors file: reads and checks its header and nothing else.
 *
 * ```ts
 * const file = await openSafetensors(blobSource('model.safetensors', blob));
 * const { shape, values } = await file.read('logit_scale');
 * ```
 * @throws MapleError naming file, tensor, field, what it must be and what it is
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  return new SafetensorsFile(source, await readHeader(source));
}
