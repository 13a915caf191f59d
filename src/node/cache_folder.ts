import path from 'node:path';

import envPaths from 'env-paths';

/**
 * Where what was downloaded or compiled is kept between runs and across `npm ci`: the environment variable
 * `MAPLE_CACHE`, else the user's cache folder, e.g. `~/.cache/tfjs-maple`. It may be deleted at any time.
 */
export function cacheFolder(): string {
  const { MAPLE_CACHE } = process.env;
  return MAPLE_CACHE ? path.resolve(MAPLE_CACHE) : envPaths('tfjs-maple', { suffix: '' }).cache;
}
