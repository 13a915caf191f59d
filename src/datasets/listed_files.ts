import { readdir, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { isWithin } from '../node/listed_path.js';
import { firstFew } from './listing.js';

/**
 * Checks that all files of a list are there, and that none is a link out of the folder. Each folder is read once, which
 * for tens of thousands of pictures takes a second or two.
 * @param folder - the folder of the pictures, which may itself be a link
 * @param paths - plain relative paths, as `plainPathProblem` has them
 * @param list - the file that lists them, for messages
 * @throws MapleError telling how many are missing or lead elsewhere, and which are the first
 */
export async function mustHoldFiles(folder: string, paths: Iterable<string>, list: string): Promise<void> {
  const root = await realpath(folder).catch((error: Error) => {
    throw new MapleError(`${folder} must be the folder of the pictures that ${list} lists: ${error.message}.`, {
      cause: error,
    });
  });
  const byFolder = new Map<string, string[]>();
  for (const path of paths) {
    const below = posix.dirname(path);
    const listed = byFolder.get(below);
    if (listed === undefined) {
      byFolder.set(below, [path]);
    } else {
      listed.push(path);
    }
  }
  const missing: string[] = [];
  const outside: string[] = [];
  for (const [below, listed] of byFolder) {
    const { files, links } = await contentsOf(join(folder, below));
    if (files === undefined) {
      missing.push(...listed);
      continue;
    }
    const leadsOut = !isWithin(root, await realpath(join(folder, below)));
    for (const path of listed) {
      const name = posix.basename(path);
      if (leadsOut || (links.has(name) && !(await linkIsWithin(root, join(folder, path))))) {
        outside.push(path);
      } else if (!files.has(name) && !links.has(name)) {
        missing.push(path);
      }
    }
  }
  if (outside.length > 0) {
    throw new MapleError(
      `${list} must list pictures within ${folder}, but ${outside.length} are links that lead elsewhere or nowhere:` +
        `${firstFew(outside)}\nCopy the pictures themselves to this place (cp -rL).`,
    );
  }
  if (missing.length > 0) {
    throw new MapleError(
      `${missing.length} of the pictures that ${list} lists are not in ${folder}:${firstFew(missing)}\n` +
        'Unpack the data set whole, with the folders and names it is published with.',
    );
  }
}

async function contentsOf(folder: string): Promise<{ files?: Set<string>; links: Set<string> }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  const named = (those: typeof entries = []): Set<string> => new Set(those.map(({ name }) => name));
  return {
    ...(entries === undefined ? {} : { files: named(entries.filter((entry) => entry.isFile())) }),
    links: named(entries?.filter((entry) => entry.isSymbolicLink())),
  };
}

async function linkIsWithin(root: string, path: string): Promise<boolean> {
  const target = await realpath(path).catch(() => undefined);
  return target !== undefined && isWithin(root, target) && (await stat(target)).isFile();
}
