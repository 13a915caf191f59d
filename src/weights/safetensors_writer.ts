import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import { encodeBfloat16, encodeHalf } from './half.js';

/** Types that this library writes, in the reference's order of writing. */
const WRITTEN = ['F32', 'BF16', 'F16'] as const;

/** How a tensor's values are stored. */
export type StoredDtype = (typeof WRITTEN)[number];

/** One tensor of a file to be written. */
export interface TensorToWrite {
  name: string;
  dtype: StoredDtype;
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

/**
 * A safetensors file as pieces of bytes, to be written one after the other: the header, then a piece a tensor, so that
 * the file is never in memory twice. Laid out as the reference does: by type, then by name, header padded to 8 bytes.
 * @param tensors - in any order
 * @param metadata - free text kept in the header
 * @throws MapleError when a name comes twice, a shape does not fit its values or a value does not fit its type
 */
export function encodeSafetensors(
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const ordered = [...tensors].sort(
    (one, other) => WRITTEN.indexOf(one.dtype) - WRITTEN.indexOf(other.dtype) || compareBytes(one.name, other.name),
  );
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) {
    entries.push(`"__metadata__":${JSON.stringify(metadata)}`);
  }
  const names = new Set(['__metadata__']);
  let offset = 0;
  for (const tensor of ordered) {
    checkTensorToWrite(tensor, names);
    names.add(tensor.name);
    const end = offset + tensor.values.length * (tensor.dtype === 'F32' ? 4 : 2);
    const entry = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    entries.push(`${JSON.stringify(tensor.name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  return [encodeHeader(`{${entries.join(',')}}`), ...ordered.map(encodeValues)];
}

/**
 * @param tensor - checked to have a name of its own, and a shape and a type that fit its values
 * @param taken - names that are taken
 * @throws MapleError naming the tensor
 */
export function checkTensorToWrite({ name, shape, values, dtype }: TensorToWrite, taken: ReadonlySet<string>): void {
  if (taken.has(name)) {
    throw new MapleError(`A tensor's name must be unique and not __metadata__. Received: "${name}".`);
  }
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new MapleError(`Tensor "${name}": \`shape\` must hold integers >= 0. Received: [${shape.join(', ')}].`);
  }
  const size = shape.reduce((product, next) => product * next, 1);
  if (size !== values.length) {
    throw new MapleError(
      `Tensor "${name}": [${shape.join(', ')}] must have ${size} values. Received: ${values.length}.`,
    );
  }
  if (!WRITTEN.includes(dtype)) {
    throw new MapleError(`Tensor "${name}": \`dtype\` must be ${WRITTEN.join(', ')}. Received: ${shown(dtype)}.`);
  }
}

function encodeHeader(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

/**
 * The bytes of a tensor in its type.
 * @throws MapleError when a value would become infinite
 */
export function encodeValues({ name, dtype, values }: TensorToWrite): Uint8Array {
  const stored = dtype === 'F32' ? values : dtype === 'F16' ? encodeHalf(values) : encodeBfloat16(values);
  if (stored instanceof Uint16Array) {
    const infinity = dtype === 'F16' ? 0x7c00 : 0x7f80;
    const lost = stored.findIndex((bits, index) => (bits & 0x7fff) === infinity && Number.isFinite(values[index]));
    if (lost >= 0) {
      throw new MapleError(
        `Tensor "${name}": ${dtype} cannot hold ${values[lost]}, which would become infinite. Store it as F32.`,
      );
    }
  }
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** By code point, as the reference sorts UTF-8 bytes; JavaScript's own order is by UTF-16 unit. */
function compareBytes(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  const differs = left.findIndex((character, index) => character !== right[index]);
  if (differs < 0 || differs >= right.length) {
    return left.length - right.length;
  }
  return (left[differs].codePointAt(0) as number) - (right[differs].codePointAt(0) as number);
}
