import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { MapleError } from '../../layers/errors.js';
import { diskRemedy } from './disk_remedy.js';
import { makeFolder, removeEmptyFolders } from './make_folder.js';

/**
 * Writes a model into a folder so that a reader, a crash or a full disk never meets a mixture: the weights go to a
 * file named by their content, then model.json, which names it, is renamed into place. That is the one moment at
 * which the model changes. Other files in the folder stay, but for the weights of the model replaced.
 *
 * @throws MapleError naming the folder and the remedy when it cannot be written; what was there is unchanged
 */
export async function saveModelFolder(folder: string, artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
  if (artifacts.modelTopology instanceof ArrayBuffer) {
    throw new MapleError(`Cannot save to ${folder}: a model with binary topology has no model.json form.`);
  }
  const chunks = await chunksOf(artifacts);
  const weightsName = chunks && `weights-${digestOf(chunks)}.bin`;
  const json = JSON.stringify(modelJsonOf(artifacts, weightsName));
  const modelFile = path.join(folder, 'model.json');
  let created: string | undefined;
  try {
    created = await makeFolder(folder);
    if (chunks && weightsName) await replaceFile(path.join(folder, weightsName), chunks);
    const old = await weightFilesOf(modelFile);
    await replaceFile(modelFile, [Buffer.from(json)]);
    for (const name of old.filter((name) => name !== weightsName)) await removeQuietly(path.join(folder, name));
  } catch (error) {
    if (weightsName && !(await weightFilesOf(modelFile)).includes(weightsName)) {
      await removeQuietly(path.join(folder, weightsName));
    }
    if (created !== undefined) await removeEmptyFolders(folder, created);
    throw new MapleError(
      `Cannot save the model to ${folder}: ${diskRemedy(error)} What was there before is unchanged.`,
      {
        cause: error,
      },
    );
  }
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** tfjs' model.json: everything of the artifacts but the weights, which the manifest describes. */
function modelJsonOf(artifacts: tf.io.ModelArtifacts, weightsName: string | undefined): object {
  const rest = { ...artifacts };
  delete rest.weightSpecs;
  delete rest.weightData;
  delete rest.getWeightStream;
  return { ...rest, weightsManifest: weightsName ? [{ paths: [weightsName], weights: artifacts.weightSpecs }] : [] };
}

/** The bytes of the weights without a copy; undefined when the artifacts have none. */
async function chunksOf({ weightData, getWeightStream }: tf.io.ModelArtifacts): Promise<Buffer[] | undefined> {
  if (weightData) return (Array.isArray(weightData) ? weightData : [weightData]).map((chunk) => Buffer.from(chunk));
  if (!getWeightStream) return undefined;
  const chunks: Buffer[] = [];
  const reader = getWeightStream().getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(Buffer.from(part.value));
  return chunks;
}

/** The first 16 hexadecimal digits of the SHA-256 of the weights: their file's name, checked again on loading. */
export function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex').slice(0, 16);
}

async function replaceFile(target: string, chunks: Buffer[]): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
}

/** The weight files that the model.json in place names; none when there is no model, or its names are no plain ones. */
async function weightFilesOf(modelFile: string): Promise<string[]> {
  try {
    const json = JSON.parse(await readFile(modelFile, 'utf8')) as { weightsManifest: { paths: string[] }[] };
    return json.weightsManifest.flatMap((group) => group.paths).filter((name) => /^[\w-][\w.-]*\.bin$/.test(name));
  } catch {
    return [];
  }
}

async function removeQuietly(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}
