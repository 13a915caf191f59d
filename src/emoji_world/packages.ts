import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MapleError } from '../../layers/errors.js';

const require = createRequire(import.meta.url);

/**
 * Reads a JSON file of a data package (`emojibase-data`, `@iconify-json/...`).
 * @param file - the file's module path, e.g. `@iconify-json/noto/icons.json`
 * @throws MapleError when the package is not installed
 */
export function readPackageJson<T>(file: string): T {
  let path: string;
  try {
    path = require.resolve(file);
  } catch {
    const name = file.split('/', file.startsWith('@') ? 2 : 1).join('/');
    throw new MapleError(`Emoji World needs the package ${name} for ${file}. Install it: npm install ${name}`);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
