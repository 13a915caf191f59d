import { MapleError } from '../../layers/errors.js';
import type { ByteSource } from './byte_source.js';
import { parseStrictJson } from './strict_json.js';
import type { StrictJson } from './strict_json.js';

/** Bits an element, for every type the format knows. */
const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** Type of a tensor's elements. */
export type Dtype = keyof typeof BITS;

/** Where a tensor lies, in bytes of the file. */
export interface TensorEntry {
  dtype: Dtype;
  shape: number[];
  start: number;
  end: number;
}

/** A checked header. */
export interface SafetensorsHeader {
  tensors: Map<string, TensorEntry>;
  metadata: Map<string, string>;
}

/** The reference's limit on the header, in bytes. */
const LARGEST_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

/**
 * Reads and checks the header by the rules of the reference: every byte of the file belongs to exactly one tensor and
 * each tensor's bytes fit its shape, so nothing that a file says is believed unchecked.
 * @throws MapleError naming file, tensor, field, what it must be and what it is
 */
export async function readHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const fail: Fail = (problem) => {
    throw new MapleError(`${source.name} is not a valid safetensors file: ${problem}`);
  };
  if (source.size < LENGTH_BYTES) {
    fail(`it must hold at least ${LENGTH_BYTES} bytes. Received: ${source.size}. Is it complete?`);
  }
  const lengthBytes = await source.read(0, LENGTH_BYTES);
  const length = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true);
  if (length > LARGEST_HEADER) {
    fail(`its header must be at most ${LARGEST_HEADER} bytes long. Received: ${length}. Is it a file of weights?`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > source.size) {
    fail(`its header ends at byte ${dataStart}, beyond the file's ${source.size} bytes. Is it complete?`);
  }
  const root = parse(await source.read(LENGTH_BYTES, dataStart), fail);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of root) {
    if (name !== '__metadata__') {
      tensors.set(name, readEntry(name, value, dataStart, source.size, fail));
    }
  }
  checkContiguous(tensors, dataStart, source.size, fail);
  return { tensors, metadata: readMetadata(root.get('__metadata__'), fail) };
}

type Fail = (problem: string) => never;

function parse(bytes: Uint8Array, fail: Fail): Map<string, StrictJson> {
  let root: StrictJson;
  try {
    root = parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    return fail(`its header must be JSON in UTF-8 with no key twice. Received: ${(error as Error).message}.`);
  }
  return root instanceof Map ? root : fail('its header must be a JSON object.');
}

function readMetadata(value: StrictJson | undefined, fail: Fail): Map<string, string> {
  if (value === undefined) {
    return new Map();
  }
  if (!(value instanceof Map)) {
    return fail('`__metadata__` must be an object of strings.');
  }
  return new Map(
    [...value].map(([key, item]) => [
      key,
      typeof item === 'string'
        ? item
        : fail(`\`__metadata__\` must hold strings. Received: ${show(item)} in "${key}".`),
    ]),
  );
}

function readEntry(name: string, value: StrictJson, dataStart: number, fileSize: number, fail: Fail): TensorEntry {
  const failHere: Fail = (problem) => fail(`tensor "${name}": ${problem}`);
  if (!(value instanceof Map)) {
    return failHere(`it must be an object with dtype, shape and data_offsets. Received: ${show(value)}.`);
  }
  const dtype = value.get('dtype');
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS, dtype)) {
    return failHere(`\`dtype\` must be one of ${Object.keys(BITS).join(', ')}. Received: ${show(dtype)}.`);
  }
  const shape = naturals(value.get('shape'), '`shape`', failHere);
  const offsets = naturals(value.get('data_offsets'), '`data_offsets`', failHere);
  if (offsets.length !== 2 || offsets[0] > offsets[1]) {
    return failHere(`\`data_offsets\` must be a start and an end not before it. Received: [${offsets.join(', ')}].`);
  }
  const room = BigInt(fileSize - dataStart);
  if (offsets[1] > room) {
    return failHere(
      `\`data_offsets\` must lie inside the file's ${room} bytes of data. Received: [${offsets.join(', ')}]. ` +
        'Is the file complete?',
    );
  }
  const bits = checkedProduct([BigInt(BITS[dtype as Dtype]), ...shape]);
  if (bits === undefined) {
    return failHere('`shape` must not overflow 64 bits.');
  }
  if (bits !== (offsets[1] - offsets[0]) * 8n) {
    return failHere(
      `\`data_offsets\` must span ${Number(bits) / 8} bytes for ${dtype} [${shape.join(', ')}]. ` +
        `Received: ${offsets[1] - offsets[0]} bytes.`,
    );
  }
  return {
    dtype: dtype as Dtype,
    shape: shape.map(Number),
    start: dataStart + Number(offsets[0]),
    end: dataStart + Number(offsets[1]),
  };
}

function naturals(value: StrictJson | undefined, field: string, fail: Fail): bigint[] {
  if (!Array.isArray(value)) {
    return fail(`${field} must be a list of integers. Received: ${show(value)}.`);
  }
  return value.map((item) =>
    typeof item === 'bigint' && item >= 0n && item <= Number.MAX_SAFE_INTEGER
      ? item
      : fail(`${field} must hold integers that are not negative. Received: ${show(item)}.`),
  );
}

/** Undefined beyond 64 bits, at once: a long list of large sizes must not cost time. */
function checkedProduct(factors: readonly bigint[]): bigint | undefined {
  let product = 1n;
  for (const factor of factors) {
    product *= factor;
    if (product >= 1n << 64n) {
      return undefined;
    }
  }
  return product;
}

/** Holes could hide data and overlaps let a small file claim much memory: the reference allows neither. */
function checkContiguous(tensors: Map<string, TensorEntry>, dataStart: number, fileSize: number, fail: Fail): void {
  const inOrder = [...tensors].sort(([, one], [, other]) => one.start - other.start || one.end - other.end);
  let position = dataStart;
  for (const [name, { start, end }] of inOrder) {
    if (start !== position) {
      fail(
        `tensor "${name}": \`data_offsets\` must begin at ${position - dataStart}, where the tensor before ends. ` +
          `Received: ${start - dataStart}.`,
      );
    }
    position = end;
  }
  if (position !== fileSize) {
    fail(`its tensors must reach to the end of the file. Received: ${fileSize - position} bytes more.`);
  }
}

function show(value: StrictJson | undefined): string {
  return value instanceof Map || Array.isArray(value) ? 'a list or object' : String(value);
}
