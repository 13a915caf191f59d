import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MapleError } from '../../layers/errors.js';

/** A drive (`C:`) or the scheme of a URL (`https:`). */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * What is wrong with a path as a list writes it, whatever is there; undefined when nothing is. Nothing is decoded: `%2e` is
 * three characters.
 */
export function pathProblem(written: string): string | undefined {
  if (written === '' || written.includes('\0')) {
    return written === '' ? 'is empty' : 'has a NUL character';
  }
  if (written.includes('\\')) {
    return 'has a backslash: write / between folders';
  }
  return SCHEME.test(written)
    ? 'begins with a drive or the scheme of a URL: name a file of this machine, relative to the folder'
    : undefined;
}

/** {@link pathProblem} for lists that are published: each file has one path there, of plain names. */
export function plainPathProblem(written: string): string | undefined {
  const plain = written.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  return pathProblem(written) ?? (plain ? undefined : 'has parts that are not plain names joined by single slashes');
}

/** Where a list's paths may lead. */
export interface ListedPathOptions {
  /** Also to files that are not in the folder. Default: false. */
  allowOutside?: boolean;
}

/**
 * The file that a list means by a path: the list may come from anywhere, so it must not lead out of the folder, neither by
 * what is written nor through a link.
 *
 * @param folder - what the path is relative to
 * @returns its absolute path, or undefined where there is no such file
 * @throws MapleError for a path that is refused, saying what is wrong about it, without the list's name
 */
export async function listedPath(
  folder: string,
  written: string,
  { allowOutside = false }: ListedPathOptions = {},
): Promise<string | undefined> {
  const refuse = (problem: string): never => {
    throw new MapleError(`the path ${JSON.stringify(written)} ${problem}`);
  };
  const problem = pathProblem(written);
  if (problem !== undefined) {
    refuse(problem);
  }
  const path = resolve(folder, written);
  if (allowOutside) {
    return realpath(path).then(
      () => path,
      () => undefined,
    );
  }
  if (isAbsolute(written) || path === resolve(folder) || !isWithin(resolve(folder), path)) {
    refuse(`leads out of ${folder}`);
  }
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined && !isWithin(await realpath(folder), real)) {
    refuse(`is a link that leads out of ${folder}`);
  }
  return real === undefined ? undefined : path;
}

/** Whether a path is the folder itself or below it, by names alone. */
export function isWithin(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between !== '..' && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}
