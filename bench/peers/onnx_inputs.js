import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** A package of the node_modules in a folder, and its version. */
export function fromFolder(folder, name) {
  const require = createRequire(resolve(folder, 'package.json'));
  const { version } = require(resolve(folder, 'node_modules', name, 'package.json'));
  return { required: require(name), version };
}

/** The pictures that bench/peers/export_onnx.py wrote. */
export async function readPictures(path) {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  const values = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { values, shape: [values.length / (3 * 224 * 224), 3, 224, 224] };
}
