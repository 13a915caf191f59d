import { copyFile, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { writeFilesTogether } from './atomic_files.js';
import { cacheFolder } from './cache_folder.js';

/** A file of a repository at one commit. */
export interface HubFile {
  size: number;
  /** Its name among the blobs: the SHA-256 of a large file (LFS), git's id of another. */
  id: string;
}

/** The files of a repository at one commit, by their paths. */
export type HubListing = ReadonlyMap<string, HubFile>;

/** A full commit id. */
export const COMMIT = /^[0-9a-f]{40}$/;
/** The id of a large file: its SHA-256. */
export const LARGE_FILE_ID = /^[0-9a-f]{64}$/;

/** Hugging Face's own variables first, as its Python library reads them; then this library's cache. */
export function hubCacheFolder(given?: string): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME } = process.env;
  const chosen = given ?? (HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || (HF_HOME && join(HF_HOME, 'hub')));
  return resolve(chosen || join(cacheFolder(), 'hub'));
}

/**
 * A repository in the cache, laid out as Hugging Face's libraries do, so that they share it:
 * `models--owner--name/{blobs,refs,snapshots}`. Beside them `tfjs-maple/<commit>.json` keeps the list of files, so that
 * a second use needs no request. A blob has its place only when it is complete and checked.
 */
export class HubCache {
  readonly folder: string;

  constructor(root: string, repo: string) {
    this.folder = join(root, `models--${repo.replace('/', '--')}`);
  }

  /** The commit that a branch or tag stood at when it was last asked for. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (COMMIT.test(revision)) {
      return revision;
    }
    const text = await readFile(join(this.folder, 'refs', revision), 'utf8').catch(() => '');
    return COMMIT.test(text.trim()) ? text.trim() : undefined;
  }

  /** The list of files that was kept for a commit. */
  async listing(commit: string): Promise<HubListing | undefined> {
    const text = await readFile(join(this.folder, 'tfjs-maple', `${commit}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : new Map(JSON.parse(text) as [string, HubFile][]);
  }

  /** Keeps what the hub said: which commit a revision is, and its files. */
  async keep(revision: string, commit: string, listing: HubListing): Promise<void> {
    const write = (path: string, text: string): Promise<void> =>
      writeFilesTogether(dirname(path), [
        { name: path.slice(dirname(path).length + 1), chunks: [new TextEncoder().encode(text)] },
      ]);
    await write(join(this.folder, 'tfjs-maple', `${commit}.json`), JSON.stringify([...listing], null, 1));
    if (revision !== commit) {
      await write(join(this.folder, 'refs', revision), commit);
    }
  }

  /** Names of the files that are there of a commit, in its outermost folder. */
  async present(commit: string): Promise<string[]> {
    return readdir(join(this.folder, 'snapshots', commit)).catch(() => []);
  }

  /** Where a file of a commit is, if it is there and of this size. */
  async find(commit: string, name: string, size?: number): Promise<string | undefined> {
    const path = join(this.folder, 'snapshots', commit, name);
    return (await hasSize(path, size)) ? path : undefined;
  }

  /** Where a blob is, or is to be. */
  blob(id: string): string {
    return join(this.folder, 'blobs', id);
  }

  /** Gives a complete blob its name in a commit, and tells its path. */
  async link(commit: string, name: string, id: string): Promise<string> {
    const path = join(this.folder, 'snapshots', commit, name);
    const blob = this.blob(id);
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    try {
      await symlink(relative(dirname(path), blob), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        return path;
      }
      // Windows lets not everybody make symbolic links.
      await copyFile(blob, `${path}.incomplete`);
      await rename(`${path}.incomplete`, path);
    }
    return path;
  }
}

/** Whether there is a file, of this size if one is given. */
export async function hasSize(path: string, size?: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.isFile() && (size === undefined || found.size === size);
}
