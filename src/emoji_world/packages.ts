import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MapleError } from '../../layers/errors.js';
import { EMOJI_STYLES } from './styles.js';

const require = createRequire(import.meta.url);

/** All that Emoji World is made of. None comes with an installed tfjs-maple; a clone has them. */
const PACKAGES = ['emojibase-data', ...EMOJI_STYLES.map(({ id }) => `@iconify-json/${id}`)];

/**
 * Reads a JSON file of a data package (`emojibase-data`, `@iconify-json/...`).
 * @param file - the file's module path, e.g. `@iconify-json/noto/icons.json`
 * @param resolve - finds a module's file, or throws
 * @throws MapleError when the package is not installed, naming what else of Emoji World is not
 */
export function readPackageJson<T>(file: string, resolve: (id: string) => string = require.resolve): T {
  let path: string;
  try {
    path = resolve(file);
  } catch {
    const name = file.split('/', file.startsWith('@') ? 2 : 1).join('/');
    const others = PACKAGES.filter((each) => each !== name && !isInstalled(each, resolve));
    throw new MapleError(
      `Emoji World needs the package ${name} for ${file}. Install it: npm install ${name}` +
        (others.length === 0
          ? ''
          : `\nOr with all others that it can need: npm install ${[name, ...others].join(' ')}`),
    );
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

function isInstalled(name: string, resolve: (id: string) => string): boolean {
  try {
    resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
