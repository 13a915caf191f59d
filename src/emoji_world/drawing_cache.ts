import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFilesTogether } from '../node/atomic_files.js';
import { cacheFolder } from '../node/cache_folder.js';
import type { Drawing, Drawings } from './drawing.js';

/** The folder for drawings: under MAPLE_CACHE where that is set, else in the user's cache folder. */
function drawingsFolder(): string {
  return join(cacheFolder(), 'drawings');
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
    await writeFilesTogether(target, [
      { name: `${key}.bin`, chunks: [bytes] },
      { name: `${key}.json`, chunks: [Buffer.from(JSON.stringify([...drawings.keys()]))] },
    ]);
  } catch {
    return;
  }
}
