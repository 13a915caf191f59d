import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MapleError } from '../../layers/errors.js';

const PACKAGE = 'tfjs-maple';

/**
 * The folder of this package, where `assets/` lies: the nearest one above this file whose package.json has its name, as
 * the file lies at another depth in the sources and in the build.
 */
export function packageFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === PACKAGE) {
      return folder;
    }
    if (folder === dirname(folder)) {
      throw new MapleError(`No package.json named ${PACKAGE} was found above ${here}. Install the package whole.`);
    }
  }
}
