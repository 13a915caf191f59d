import { randomBytes } from 'node:crypto';
import { access, constants, copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { diskRemedy } from './disk_remedy.js';
import { makeFolder, removeEmptyFolders } from './make_folder.js';

/** A file to be written: its name in the folder, and its content in pieces. */
export interface FileToWrite {
  name: string;
  chunks: readonly Uint8Array[];
}

/**
 * Writes files that belong together into a folder. All are written beside their places first and only then renamed into
 * them, so that a full disk or a failure leaves the folder as it was.
 * @throws MapleError telling why it cannot be written and what to do
 */
export async function writeFilesTogether(folder: string, files: readonly FileToWrite[]): Promise<void> {
  const id = randomBytes(6).toString('hex');
  const [suffix, oldSuffix] = [`.${id}.tmp`, `.${id}.old`];
  /** Old files that the new ones have taken the places of; undefined where there was none. */
  const replaced = new Map<string, string | undefined>();
  let created: string | undefined;
  try {
    created = await makeFolder(folder);
    await access(folder, constants.W_OK);
    for (const { name, chunks } of files) {
      await refuseFolder(join(folder, name));
      await writeChunks(join(folder, name + suffix), chunks);
    }
    for (const { name } of files) {
      const old = await keepOld(join(folder, name), join(folder, name + oldSuffix));
      await rename(join(folder, name + suffix), join(folder, name));
      replaced.set(join(folder, name), old);
    }
  } catch (error) {
    for (const [path, old] of replaced) {
      await (old === undefined ? rm(path, { force: true }) : rename(old, path)).catch(() => undefined);
    }
    for (const { name } of files) {
      await rm(join(folder, name + suffix), { force: true }).catch(() => undefined);
    }
    if (created !== undefined) {
      await removeEmptyFolders(folder, created);
    }
    throw new MapleError(`${folder} cannot be written: ${diskRemedy(error)} What was there before is unchanged.`, {
      cause: error,
    });
  } finally {
    for (const { name } of files) {
      await rm(join(folder, name + oldSuffix), { force: true }).catch(() => undefined);
    }
  }
}

/** A second name for a file that is about to be replaced, so that it can be put back; undefined when there is none. */
async function keepOld(path: string, second: string): Promise<string | undefined> {
  if ((await stat(path).catch(() => undefined)) === undefined) {
    return undefined;
  }
  // Some file systems have no second names.
  await link(path, second).catch(() => copyFile(path, second));
  return second;
}

/** A rename onto a folder would fail when other files are in their places already. */
async function refuseFolder(path: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) {
    throw new Error(`${path} is a folder, where a file is to be written; choose another path`);
  }
}

async function writeChunks(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const chunk of chunks) {
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}
