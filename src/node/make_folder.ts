import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Creates a folder and those above it that are missing, one by one: Node's own recursive mkdir never returns where the
 * system answers that the new folder does not exist, as /proc does.
 * @returns the first folder that was created; undefined when all were there
 * @throws the system's error
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let path = resolve(folder); !(await isFolder(path)); path = dirname(path)) {
    missing.unshift(path);
  }
  for (const path of missing) {
    await mkdir(path).catch(async (error: Error) => {
      // Somebody else may have made it meanwhile.
      if (!(await isFolder(path))) {
        throw error;
      }
    });
  }
  return missing[0];
}

/** Takes back what {@link makeFolder} created: the folder and those above it, up to `created`, as far as they are empty. */
export async function removeEmptyFolders(folder: string, created: string): Promise<void> {
  for (let path = resolve(folder); path.length >= created.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
