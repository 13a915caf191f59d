import { readFile } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';

/**
 * Reads a file that holds a JSON object.
 * @throws MapleError naming the file, when it cannot be read or holds something else
 */
export async function readJsonObject(path: string): Promise<object> {
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
