import type { WeightValues } from '../../backbone/backbone.js';
import type { ByteSource } from '../byte_source.js';
import { floatsOf, integersOf } from '../decoders.js';
import { findTensor, readTensorBytes, type TensorFile } from '../tensor_file.js';
import { elementBytes, elementSpan, gather, isContiguous } from './torch_tensor.js';
import type { TorchTensor } from './torch_tensor.js';

/** A plain value that a checkpoint holds beside its tensors. */
export type TorchFact = number | string | boolean;

/** What a file of torch.save or torch.jit.save holds, once its pickle is read. */
export interface TorchContent {
  /** By the keys of the state dict, or the paths of a module. */
  tensors: ReadonlyMap<string, TorchTensor>;
  facts: ReadonlyMap<string, TorchFact>;
}

/** An open PyTorch file: its structure is in memory, a tensor is read when it is asked for. */
export class TorchFile implements TensorFile {
  /** Keys of the state dict, in the file's order. */
  readonly names: readonly string[];
  /** Plain values beside the state dict: `epoch`, `val_result`, ... */
  readonly facts: ReadonlyMap<string, TorchFact>;

  /** Use {@link openTorch}, which reads and checks the structure. */
  constructor(
    private readonly source: ByteSource,
    private readonly content: TorchContent,
    /** Classes and functions that the file names and this library does not know: kept closed, never run. */
    readonly inertClasses: readonly string[],
  ) {
    this.names = [...content.tensors.keys()];
    this.facts = content.facts;
  }

  /** The source's name, for messages. */
  get name(): string {
    return this.source.name;
  }

  /** Type of a tensor's elements, as safetensors calls it. */
  dtype(name: string): string {
    return this.tensor(name).dtype;
  }

  /** Shape of a tensor; [] is a scalar. */
  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  /**
   * Reads one tensor of floating point as float32, row-major whatever its strides in the file.
   * @throws MapleError when there is no such tensor, it is not of floating point, or the file changed
   */
  async read(name: string): Promise<WeightValues> {
    const tensor = this.tensor(name);
    const span = await floatsOf(this.where(name), tensor.dtype, () => this.span(name, tensor));
    return { shape: [...tensor.shape], values: rowMajor(span, tensor) };
  }

  /**
   * Reads one tensor of integers (I64, I32, I16, I8, U8 or BOOL), row-major.
   * @throws MapleError when there is no such tensor, it is not of these types, or a value is beyond 32 bits
   */
  async readIntegers(name: string): Promise<{ shape: number[]; values: Int32Array }> {
    const tensor = this.tensor(name);
    const span = await integersOf(this.where(name), tensor.dtype, () => this.span(name, tensor));
    return { shape: [...tensor.shape], values: rowMajor(span, tensor) };
  }

  /** The bytes from a tensor's first element in its storage to the last, in an array buffer of their own. */
  private async span(name: string, tensor: TorchTensor): Promise<ArrayBuffer> {
    const width = elementBytes(tensor.dtype);
    const start = (await tensor.storage.locate()) + tensor.offset * width;
    const length = elementSpan(tensor) * width;
    return readTensorBytes(this.source, this.where(name), start, start + length);
  }

  private where(name: string): string {
    return `${this.name}: tensor "${name}"`;
  }

  private tensor(name: string): TorchTensor {
    return findTensor(this.name, this.content.tensors, name);
  }
}

function rowMajor<T extends Float32Array | Int32Array>(span: T, tensor: TorchTensor): T {
  return isContiguous(tensor) ? span : gather(span, tensor);
}
