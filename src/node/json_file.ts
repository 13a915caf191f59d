import { MapleError } from '../../layers/errors.js';
import { readTextFile } from './text_file.js';

/**
 * Reads a file that holds a JSON object.
 * @throws MapleError naming the file, when it cannot be read or holds something else
 */
export async function readJsonObject(path: string): Promise<object> {
  const text = await readTextFile(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MapleError(`${path} must be a readable JSON file: ${(error as Error).message}.`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new MapleError(`${path} must hold a JSON object.`);
  }
  return json;
}
