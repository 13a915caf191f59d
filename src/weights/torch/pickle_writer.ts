import type { StoredDtype } from '../safetensors_writer.js';
import type { TorchFact } from './torch_file.js';

/** A tensor whose values are a storage of their own. */
export interface StoredTensor {
  name: string;
  dtype: StoredDtype;
  shape: readonly number[];
  elements: number;
  /** Of the storage: the record `data/<key>`. */
  key: string;
}

/** PyTorch's names of the types that are written. */
const STORAGE_CLASSES: Readonly<Record<StoredDtype, string>> = {
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
};

/**
 * The pickle of `{'state_dict': OrderedDict(...), ...facts}`, of protocol 2 as torch.save writes it, with no name in it
 * but those that torch.load(weights_only=True) allows.
 */
export function pickleCheckpoint(tensors: readonly StoredTensor[], facts: ReadonlyMap<string, TorchFact>): Uint8Array {
  const out = new PickleOut();
  out.bytes(0x80, 2); // PROTO
  out.bytes(0x7d, 0x28); // EMPTY_DICT, MARK
  out.text('state_dict');
  orderedDict(out);
  out.bytes(0x28); // MARK
  tensors.forEach((tensor) => pickleTensor(out, tensor));
  out.bytes(0x75); // SETITEMS
  for (const [key, value] of facts) {
    out.text(key);
    out.fact(value);
  }
  out.bytes(0x75, 0x2e); // SETITEMS, STOP
  return out.finish();
}

function pickleTensor(out: PickleOut, { name, dtype, shape, elements, key }: StoredTensor): void {
  out.text(name);
  out.global('torch._utils', '_rebuild_tensor_v2');
  out.bytes(0x28, 0x28); // MARK, MARK
  out.text('storage');
  out.global('torch', STORAGE_CLASSES[dtype]);
  out.text(key);
  out.text('cpu');
  out.fact(elements);
  out.bytes(0x74, 0x51); // TUPLE, BINPERSID
  out.fact(0); // the offset
  out.tuple(shape);
  out.tuple(rowMajorStrides(shape));
  out.fact(false); // requires_grad
  orderedDict(out); // backward hooks
  out.bytes(0x74, 0x52); // TUPLE, REDUCE
}

function orderedDict(out: PickleOut): void {
  out.global('collections', 'OrderedDict');
  out.bytes(0x29, 0x52); // EMPTY_TUPLE, REDUCE
}

function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * Math.max(size, 1), 1));
}

/** Collects the bytes of a pickle. */
class PickleOut {
  private readonly parts: Uint8Array[] = [];

  bytes(...bytes: number[]): void {
    this.parts.push(Uint8Array.from(bytes));
  }

  text(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.number(0x58, 4, (view) => view.setUint32(1, encoded.length, true)); // BINUNICODE
    this.parts.push(encoded);
  }

  global(module: string, name: string): void {
    this.bytes(0x63); // GLOBAL
    this.parts.push(new TextEncoder().encode(`${module}\n${name}\n`));
  }

  tuple(items: readonly number[]): void {
    this.bytes(0x28); // MARK
    items.forEach((item) => this.fact(item));
    this.bytes(0x74); // TUPLE
  }

  fact(value: TorchFact): void {
    if (typeof value === 'string') {
      this.text(value);
    } else if (typeof value === 'boolean') {
      this.bytes(value ? 0x88 : 0x89); // NEWTRUE, NEWFALSE
    } else if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.number(0x47, 8, (view) => view.setFloat64(1, value, false)); // BINFLOAT
    } else if (value === (value | 0)) {
      this.number(0x4a, 4, (view) => view.setInt32(1, value, true)); // BININT
    } else {
      this.bytes(0x8a, 8); // LONG1
      this.parts.push(new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
    }
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let position = 0;
    for (const part of this.parts) {
      bytes.set(part, position);
      position += part.length;
    }
    return bytes;
  }

  private number(opcode: number, width: number, write: (view: DataView) => void): void {
    const bytes = new Uint8Array(1 + width);
    bytes[0] = opcode;
    write(new DataView(bytes.buffer));
    this.parts.push(bytes);
  }
}
