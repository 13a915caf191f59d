import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a backbone, wherever they are: a folder, or a repository of the hub whose files come when asked for. */
export interface BackboneFiles {
  /** For people and for records: the folder's path or the hub name. */
  readonly name: string;
  /** What there is. */
  readonly names: ReadonlySet<string>;
  /** A sentence for messages of a missing file: what to do. */
  readonly remedy: string;
  /** Where a file is on disk. */
  path(file: string): Promise<string>;
  /** The SHA-256 that a file must have, where it is known. */
  sha256?(file: string): string | undefined;
}

/** The files of a folder. */
export async function folderFiles(folder: string): Promise<BackboneFiles> {
  return {
    name: folder,
    names: new Set(await readdir(folder)),
    remedy: 'Download it from where the model was published.',
    path: async (file) => join(folder, file),
  };
}
