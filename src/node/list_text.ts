import { readFile } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';

/**
 * A list's text; a mark of the byte order is left out.
 * @throws MapleError when it cannot be read or is not UTF-8
 */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${error.message}.`, { cause: error });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new MapleError(`${path} must be text in UTF-8. Received: other bytes. Save it again as UTF-8.`, {
      cause: error,
    });
  }
}
