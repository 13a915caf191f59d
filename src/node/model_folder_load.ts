import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { MapleError } from '../../layers/errors.js';
import { digestOf } from './model_folder_save.js';
import { checkManifest, fixedByteLength, stringByteLength } from './weights_manifest.js';

type Group = tf.io.WeightsManifestConfig[number];

/**
 * Reads a model.json and the weight files it names. A model.json may come from a stranger: the files must lie in its
 * folder, and hold exactly the bytes that the manifest tells of.
 *
 * @throws MapleError naming the file and the field that is wrong
 */
export async function loadModelFolder(modelFile: string): Promise<tf.io.ModelArtifacts> {
  const json = await readModelJson(modelFile);
  checkManifest(modelFile, json.weightsManifest);
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const buffers: Uint8Array[] = [];
    for (const [index, group] of manifest.entries()) buffers.push(...(await readGroup(modelFile, group, index)));
    return [manifest.flatMap((group) => group.weights), joined(buffers)];
  });
}

async function readModelJson(modelFile: string): Promise<tf.io.ModelJSON> {
  let text: string;
  try {
    text = await readFile(modelFile, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'it does not exist' : message;
    throw new MapleError(`Cannot load the model ${modelFile}: ${why}. Name a folder that holds a model.json.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MapleError(`${modelFile} is not JSON (${(error as Error).message}). Save the model again.`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MapleError(`${modelFile} must hold a JSON object, as tfjs' model.save writes it.`);
  }
  return json as tf.io.ModelJSON;
}

async function readGroup(modelFile: string, group: Group, index: number): Promise<Uint8Array[]> {
  const folder = path.dirname(modelFile);
  const files: string[] = [];
  let found = 0;
  for (const name of group.paths) {
    const file = await weightFile(folder, name, `weightsManifest[${index}].paths of ${modelFile}`);
    found += (await stat(file)).size;
    files.push(file);
  }
  const expected = group.weights.map(fixedByteLength);
  const fixed = expected.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  const allFixed = expected.every((bytes) => bytes !== undefined);
  // Before anything is read: a file too long by gigabytes costs nothing.
  if (allFixed ? found !== fixed : found < fixed) throw wrongLength(modelFile, group, index, found, fixed);
  const buffers: Uint8Array[] = [];
  for (const [i, file] of files.entries()) buffers.push(await readWeights(file, group.paths[i]));
  if (!allFixed) checkStrings(modelFile, group, index, Buffer.concat(buffers));
  return buffers;
}

/** The real path of a weight file, which must be a regular file inside the folder. */
async function weightFile(folder: string, name: string, where: string): Promise<string> {
  const refuse = (why: string): MapleError =>
    new MapleError(`${where} names ${JSON.stringify(name)}, ${why}. Weight files lie in the folder of the model.`);
  if (name === '' || name.includes('\0')) throw refuse('which is no file name');
  if (/^[a-z][a-z0-9+.-]*:/i.test(name)) throw refuse('a URL or drive');
  if (path.isAbsolute(name) || name.startsWith('/')) throw refuse('an absolute path');
  if (name.includes('\\')) throw refuse('which has a backslash');
  if (/%(2e|2f|5c|00)/i.test(name)) throw refuse('which has an encoded dot, slash or NUL');
  if (name.split('/').includes('..')) throw refuse('which leaves the folder');
  let file: string;
  try {
    file = await realpath(path.join(folder, name));
  } catch {
    throw refuse('which does not exist');
  }
  const relative = path.relative(await realpath(folder), file);
  if (relative === '' || relative.split(path.sep)[0] === '..' || path.isAbsolute(relative)) {
    throw refuse('a link that leaves the folder');
  }
  if (!(await stat(file)).isFile()) throw refuse('which is not a file');
  return file;
}

async function readWeights(file: string, name: string): Promise<Uint8Array> {
  const bytes = await readFile(file);
  const digest = /(?:^|\/)weights-([0-9a-f]{16})\.bin$/.exec(name)?.[1];
  if (digest !== undefined && digest !== digestOf([bytes])) {
    throw new MapleError(`${file} is damaged: its content does not match its name. Save the model again.`);
  }
  return bytes;
}

/** String weights tell their length in the file: each element is a 32-bit length and that many bytes. */
function checkStrings(modelFile: string, group: Group, index: number, bytes: Buffer): void {
  let offset = 0;
  for (const spec of group.weights) {
    const length = fixedByteLength(spec) ?? stringByteLength(spec, bytes, offset);
    if (length === undefined || offset + length > bytes.length) {
      throw new MapleError(
        `${modelFile}: the files of weightsManifest[${index}] end within the weight "${spec.name}" ` +
          `(${spec.dtype} [${spec.shape.join(', ')}]). The files are truncated or the shape is wrong.`,
      );
    }
    offset += length;
  }
  if (offset !== bytes.length) throw wrongLength(modelFile, group, index, bytes.length, offset);
}

function wrongLength(file: string, group: Group, index: number, found: number, expected: number): MapleError {
  return new MapleError(
    `${file}: the files of weightsManifest[${index}] (${group.paths.join(', ')}) must hold ${expected} bytes, as the ` +
      `shapes of its weights tell. Received: ${found} bytes. ` +
      (found < expected
        ? 'The file is truncated; copy or save the model again.'
        : 'The file belongs to another model.'),
  );
}

function joined(buffers: Uint8Array[]): ArrayBuffer {
  const bytes = buffers.length === 1 ? buffers[0] : new Uint8Array(Buffer.concat(buffers));
  const { buffer, byteOffset, byteLength } = bytes;
  const whole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}
