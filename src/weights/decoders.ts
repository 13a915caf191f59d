import { MapleError } from '../../layers/errors.js';
import { decodeBfloat16, decodeHalf } from './half.js';

/** Types of floating point that become float32. Files are little-endian, as is every machine that runs JavaScript today. */
const FLOAT_DECODERS: ReadonlyMap<string, (buffer: ArrayBuffer) => Float32Array> = new Map([
  ['F32', (buffer: ArrayBuffer) => new Float32Array(buffer)],
  ['F16', (buffer: ArrayBuffer) => decodeHalf(new Uint16Array(buffer))],
  ['BF16', (buffer: ArrayBuffer) => decodeBfloat16(new Uint16Array(buffer))],
  ['F64', (buffer: ArrayBuffer) => Float32Array.from(new Float64Array(buffer))],
]);

/** Types that {@link floatsOf} takes, as safetensors calls them. */
export const FLOAT_DTYPES: readonly string[] = [...FLOAT_DECODERS.keys()];

/**
 * Numbers of floating point as float32.
 * @param where - for messages: file and tensor
 * @param dtype - how they are stored
 * @param read - reads their bytes
 * @throws MapleError when the type is not one of floating point
 */
export async function floatsOf(where: string, dtype: string, read: () => Promise<ArrayBuffer>): Promise<Float32Array> {
  const decode = FLOAT_DECODERS.get(dtype);
  if (decode === undefined) {
    throw new MapleError(`${where} must be of type ${FLOAT_DTYPES.join(', ')}. Received: ${dtype}.`);
  }
  return decode(await read());
}

type Integers = Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

const INTEGER_DECODERS: ReadonlyMap<string, (buffer: ArrayBuffer) => Integers> = new Map<
  string,
  (buffer: ArrayBuffer) => Integers
>([
  ['I64', (buffer) => new BigInt64Array(buffer)],
  ['I32', (buffer) => new Int32Array(buffer)],
  ['I16', (buffer) => new Int16Array(buffer)],
  ['I8', (buffer) => new Int8Array(buffer)],
  ['U8', (buffer) => new Uint8Array(buffer)],
  ['BOOL', (buffer) => new Uint8Array(buffer)],
]);

/**
 * Integers of 64 bits or less as 32-bit ones.
 * @param where - for messages: file and tensor
 * @param dtype - how they are stored
 * @param read - reads their bytes
 * @throws MapleError when the type is not one of integers, or a value is beyond 32 bits
 */
export async function integersOf(where: string, dtype: string, read: () => Promise<ArrayBuffer>): Promise<Int32Array> {
  const decode = INTEGER_DECODERS.get(dtype);
  if (decode === undefined) {
    throw new MapleError(`${where} must be of type ${[...INTEGER_DECODERS.keys()].join(', ')}. Received: ${dtype}.`);
  }
  const wide = decode(await read());
  const values = Int32Array.from(wide as ArrayLike<number | bigint>, Number);
  const lost = values.findIndex((value, index) => value !== Number(wide[index]));
  if (lost >= 0) {
    throw new MapleError(`${where} must hold 32-bit integers. Received: ${wide[lost]}.`);
  }
  return values;
}
