import { MapleError } from '../../layers/errors.js';

/**
 * What is made of a file's content, with the file's name in the message when that fails.
 * @throws MapleError
 */
export async function namingFile<T>(path: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new MapleError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
