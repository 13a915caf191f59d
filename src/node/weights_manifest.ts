import type { io } from '@tensorflow/tfjs-core';

import { MapleError } from '../../layers/errors.js';

const BYTES: Record<string, number> = { float32: 4, int32: 4, bool: 1, complex64: 8 };
const QUANTIZED_BYTES: Record<string, number> = { uint8: 1, uint16: 2, float16: 2 };

/**
 * Checks the weightsManifest of a model.json that came from a file: its form, weight names, shapes and data types.
 *
 * @throws MapleError naming the file and the field
 */
export function checkManifest(file: string, manifest: unknown): void {
  if (manifest === undefined || manifest === null) return;
  if (!Array.isArray(manifest)) throw wrong(file, 'weightsManifest', 'an array', manifest);
  const names = new Set<string>();
  manifest.forEach((group: Partial<io.WeightsManifestConfig[number]> | null, index) => {
    const where = `weightsManifest[${index}]`;
    const paths: unknown = group?.paths;
    const weights: unknown = group?.weights;
    if (!Array.isArray(paths) || paths.some((path) => typeof path !== 'string')) {
      throw wrong(file, `${where}.paths`, 'an array of file names', paths);
    }
    if (!Array.isArray(weights)) throw wrong(file, `${where}.weights`, 'an array', weights);
    weights.forEach((spec: unknown, i) => checkSpec(file, `${where}.weights[${i}]`, spec, names));
  });
}

function checkSpec(file: string, where: string, spec: unknown, names: Set<string>): void {
  const { name, shape, dtype, quantization } = (spec ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '' || name === '__proto__') {
    throw wrong(file, `${where}.name`, 'the name of a weight', name);
  }
  if (names.has(name))
    throw new MapleError(`${file}: ${where}.name "${name}" is there twice; weight names are unique.`);
  names.add(name);
  if (typeof dtype !== 'string' || !(dtype === 'string' || Object.hasOwn(BYTES, dtype))) {
    throw wrong(file, `${where}.dtype of "${name}"`, 'float32, int32, bool, complex64 or string', dtype);
  }
  if (!Array.isArray(shape) || shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw wrong(file, `${where}.shape of "${name}"`, 'an array of non-negative integers', shape);
  }
  if (!Number.isSafeInteger(8 * shape.reduce<number>((product, size) => product * (size as number), 1))) {
    throw wrong(file, `${where}.shape of "${name}"`, 'of a size that fits in memory', shape);
  }
  if (quantization === undefined || quantization === null) return;
  const stored = (quantization as Record<string, unknown>).dtype;
  if (typeof stored !== 'string' || !Object.hasOwn(QUANTIZED_BYTES, stored)) {
    throw wrong(file, `${where}.quantization.dtype of "${name}"`, 'uint8, uint16 or float16', stored);
  }
}

/** The bytes a checked weight takes in its file; undefined for strings, whose lengths are in the file. */
export function fixedByteLength(spec: io.WeightsManifestEntry): number | undefined {
  if (spec.dtype === 'string') return undefined;
  const bytes = spec.quantization ? QUANTIZED_BYTES[spec.quantization.dtype] : BYTES[spec.dtype];
  return elementsOf(spec) * bytes;
}

/**
 * The bytes a string weight takes from `offset` on, or undefined when the file ends before. The number of elements
 * is checked first, so that a shape of billions is not walked through.
 */
export function stringByteLength(spec: io.WeightsManifestEntry, bytes: Buffer, offset: number): number | undefined {
  const elements = elementsOf(spec);
  if (elements * 4 > bytes.length - offset) return undefined;
  let end = offset;
  for (let i = 0; i < elements; i++) {
    if (end + 4 > bytes.length) return undefined;
    end += 4 + bytes.readUInt32LE(end);
  }
  return end - offset;
}

function elementsOf(spec: io.WeightsManifestEntry): number {
  return spec.shape.reduce((product, size) => product * size, 1);
}

function wrong(file: string, field: string, expected: string, received: unknown): MapleError {
  return new MapleError(`${file}: ${field} must be ${expected}. Received: ${JSON.stringify(received)}.`);
}
