import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { makeFolder } from '../node/make_folder.js';
import type { Drawing, Drawings } from './drawings.js';

/** The folder for drawings: under MAPLE_CACHE where that is set, else in the user's cache folder. */
function drawingsFolder(): string {
  return join(process.env.MAPLE_CACHE ?? envPaths('tfjs-maple', { suffix: '' }).cache, 'drawings');
}

/**
 * The drawings kept under `key`; undefined when there are none or the file is not whole.
 * @param folder - null: no cache; undefined: the user's
 */
export async function readCachedDrawings(
  folder: string | null | undefined,
  key: string,
  size: number,
): Promise<Drawings | undefined> {
  if (folder === null) {
    return undefined;
  }
  const path = join(folder ?? drawingsFolder(), key);
  try {
    const ids = JSON.parse(await readFile(`${path}.json`, 'utf8')) as string[];
    const bytes = await readFile(`${path}.bin`);
    const length = size * size * 4;
    if (bytes.length !== ids.length * length) {
      return undefined;
    }
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return new Map(
      ids.map((id, at): [string, Drawing] => [id, { size, data: data.subarray(at * length, (at + 1) * length) }]),
    );
  } catch {
    return undefined;
  }
}

/**
 * Keeps drawings for next time: pixels first, then the index that makes them count. A cache that cannot be written is
 * no reason to fail: the drawings are made again next time.
 */
export async function writeCachedDrawings(
  folder: string | null | undefined,
  key: string,
  drawings: Drawings,
  size: number,
): Promise<void> {
  if (folder === null) {
    return;
  }
  const target = folder ?? drawingsFolder();
  const length = size * size * 4;
  const bytes = new Uint8Array(drawings.size * length);
  for (const [at, drawing] of [...drawings.values()].entries()) {
    bytes.set(drawing.data, at * length);
  }
  try {
    await makeFolder(target);
    await writeAtomically(join(target, `${key}.bin`), bytes);
    await writeAtomically(join(target, `${key}.json`), JSON.stringify([...drawings.keys()]));
  } catch {
    return;
  }
}

async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
