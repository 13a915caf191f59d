import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics, TowerConfig } from '../clip/config.js';
import { ClipTokenizer } from '../clip/tokenizer.js';
import { openClip } from '../weights/open_clip.js';
import type { ClipBackbone } from '../weights/open_clip.js';
import { loadClipTokenizer } from './clip_tokenizer.js';
import { fileSource } from './file_source.js';

/** Options of {@link loadBackbone}. */
export interface LoadBackboneArgs {
  /** Instead of the folder's tokenizer.json, or of CLIP's own for a single file. */
  tokenizer?: ClipTokenizer;
  /** For a single file only: quickGelu (default; OpenAI's weights) or gelu (LAION's). */
  activation?: TowerConfig['activation'];
}

/**
 * A CLIP from disk: a folder in Hugging Face's layout (config.json, model.safetensors, tokenizer.json and, if there is
 * one, preprocessor_config.json), or one .safetensors file with OpenAI's names. Reads the weights' header only, beside
 * their SHA-256; each weight is read when the model is built.
 *
 * ```ts
 * const backbone = await loadBackbone('clip-vit-base-patch16');
 * console.log(backbone.config.vision.layers); // 12
 * ```
 * @throws MapleError naming the file that is missing, damaged or does not fit the others
 */
export async function loadBackbone(path: string, args: LoadBackboneArgs = {}): Promise<ClipBackbone> {
  const found = await stat(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${error.message}.`, { cause: error });
  });
  return found.isDirectory() ? loadFolder(path, args) : loadFile(path, args);
}

async function loadFolder(folder: string, args: LoadBackboneArgs): Promise<ClipBackbone> {
  const weightFile = join(folder, 'model.safetensors');
  if (!existsSync(weightFile)) {
    throw new MapleError(`${folder} must hold model.safetensors. ${weightsHint(folder)}`);
  }
  const configJson = await readJson(join(folder, 'config.json'));
  return openClip({
    name: folder,
    identity: await sha256(weightFile),
    weights: await fileSource(weightFile),
    configJson,
    tokenizer: args.tokenizer ?? (await folderTokenizer(folder)),
    imageStatistics: await folderStatistics(folder),
  });
}

async function loadFile(path: string, args: LoadBackboneArgs): Promise<ClipBackbone> {
  const weights = await fileSource(path);
  const tokenizer = args.tokenizer ?? (await loadClipTokenizer());
  return openClip({ name: path, identity: await sha256(path), weights, tokenizer, activation: args.activation });
}

function weightsHint(folder: string): string {
  if (existsSync(join(folder, 'model.safetensors.index.json'))) {
    return 'Weights in several files are not supported: join them into one.';
  }
  if (existsSync(join(folder, 'pytorch_model.bin'))) {
    return 'Pickled weights (pytorch_model.bin) are not read: convert them to safetensors.';
  }
  return 'Download it from where the model was published.';
}

async function folderTokenizer(folder: string): Promise<ClipTokenizer> {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) {
    throw new MapleError(
      `${folder} must hold tokenizer.json, or a tokeniser must be given: ` +
        "`loadBackbone(folder, { tokenizer: await loadClipTokenizer() })` takes CLIP's own.",
    );
  }
  const json = await readJson(path);
  try {
    return ClipTokenizer.fromJson(json);
  } catch (error) {
    throw new MapleError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function folderStatistics(folder: string): Promise<ImageStatistics | undefined> {
  const path = join(folder, 'preprocessor_config.json');
  if (!existsSync(path)) {
    return undefined;
  }
  const json = (await readJson(path)) as Record<string, unknown>;
  return { mean: triple(path, json, 'image_mean'), deviation: triple(path, json, 'image_std') };
}

function triple(path: string, json: Record<string, unknown>, field: string): [number, number, number] {
  const value = json[field];
  const isTriple = Array.isArray(value) && value.length === 3 && value.every((item) => Number.isFinite(item));
  if (!isTriple || (field === 'image_std' && value.some((item: number) => item <= 0))) {
    throw new MapleError(
      `\`${field}\` of ${path} must be three numbers${field === 'image_std' ? ' above 0' : ''}, for red, green and ` +
        `blue. Received: ${JSON.stringify(value)}.`,
    );
  }
  return value as [number, number, number];
}

async function readJson(path: string): Promise<object> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new MapleError(`${path} must be a readable JSON file: ${(error as Error).message}.`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MapleError(`${path} must hold a JSON object.`);
  }
  return json;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
