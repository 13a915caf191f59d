import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { hasPictureName, listPictures, readFolder } from './pictures.js';

/** Settings of {@link findPictures}. */
export interface FindPicturesOptions {
  /** Also what is in folders within the folders. Default: false. */
  recursive?: boolean;
}

const OPTIONS: SettingNames<FindPicturesOptions> = { recursive: true };

/**
 * Paths of picture files: the files that are named, whatever they are called, and of the folders that are named the
 * files called as pictures are, in order of name. Hidden ones are left out; a folder that links lead back to is looked
 * at once.
 * @throws MapleError when there is none, or a folder cannot be read
 */
export async function findPictures(named: readonly string[], options: FindPicturesOptions = {}): Promise<string[]> {
  checkKnown('findPictures', options, OPTIONS);
  const { recursive = false } = options;
  const paths: string[] = [];
  const seen = new Set<string>();
  for (const path of named) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      paths.push(path);
    } else if (recursive) {
      for await (const below of picturesBelow(path, seen)) {
        paths.push(below);
      }
    } else {
      paths.push(...(await listPictures(path)));
    }
  }
  if (paths.length === 0) {
    const where = recursive ? 'in it or below' : 'directly in it (--recursive, `recursive: true`, looks below)';
    throw new MapleError(
      `${named.join(', ')} must hold pictures (.jpg, .png, .webp, .gif or .avif). Received: none. ` +
        `Name files, or a folder with pictures ${where}.`,
    );
  }
  return paths;
}

async function* picturesBelow(folder: string, seen: Set<string>): AsyncGenerator<string> {
  const real = await realpath(folder).catch(() => folder);
  if (seen.has(real)) {
    return;
  }
  seen.add(real);
  for (const { name, kind } of await readFolder(folder)) {
    if (kind === 'file' && hasPictureName(name)) {
      yield join(folder, name);
    } else if (kind === 'folder' && !name.startsWith('.')) {
      yield* picturesBelow(join(folder, name), seen);
    }
  }
}
