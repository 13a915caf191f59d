import { constants, existsSync } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { diskRemedy } from './disk_remedy.js';

/** The oldest Node that package.json allows. */
const OLDEST_NODE = [20, 19];
const PATIENCE = 5000;
const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'heif'] as const;

/** Whether pictures can be read. */
export interface PictureReading {
  /** Version of sharp; undefined where it does not load. */
  sharp: string | undefined;
  /** Formats it reads, of those the library takes. */
  formats: string[];
  problem: string | undefined;
}

/** Whether the cache folder can be used. */
export interface CacheFolderState {
  /** Bytes free on its disk; undefined where the system does not tell. */
  free: number | undefined;
  problem: string | undefined;
}

/** Whether the hub answers. */
export interface HubState {
  url: string;
  problem: string | undefined;
}

/** Why this Node is too old; undefined where it is not. */
export function nodeProblem(version = process.versions.node): string | undefined {
  const [major, minor] = version.split('.').map(Number);
  const [least, leastMinor] = OLDEST_NODE;
  return major > least || (major === least && minor >= leastMinor)
    ? undefined
    : `Node.js must be of version ${OLDEST_NODE.join('.')} or later. Received: ${version}.`;
}

/** Loads sharp, which reads pictures. */
export async function checkPictureReading(): Promise<PictureReading> {
  try {
    const { default: sharp } = await import('sharp');
    const formats = FORMATS.filter((name) => sharp.format[name].input.file);
    return { sharp: sharp.versions.sharp, formats, problem: undefined };
  } catch (error) {
    const problem = `sharp does not load: ${(error as Error).message.split('\n')[0]} Install it again: \`npm install sharp\`.`;
    return { sharp: undefined, formats: [], problem };
  }
}

/** Whether a folder, or the nearest above it that exists, can be written, and how much room there is. */
export async function checkCacheFolder(folder: string): Promise<CacheFolderState> {
  let existing = resolve(folder);
  while (!existsSync(existing) && existing !== dirname(existing)) {
    existing = dirname(existing);
  }
  const problem = await mustBeWritable(existing).then(
    () => undefined,
    (error) => `${folder} cannot be written: ${diskRemedy(error)} MAPLE_CACHE names another.`,
  );
  const disk = await statfs(existing).catch(() => undefined);
  return { free: disk && disk.bavail * disk.bsize, problem };
}

async function mustBeWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK);
  if (!(await stat(folder)).isDirectory()) {
    throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
  }
}

/** Asks the hub for an answer, which is all that needs a network. */
export async function checkHub(url = process.env.HF_ENDPOINT ?? 'https://huggingface.co'): Promise<HubState> {
  try {
    // Any answer will do: it is reached.
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PATIENCE) });
    return { url, problem: undefined };
  } catch (error) {
    const cause = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    return {
      url,
      problem: `${url} does not answer: ${cause.message}. What is in the cache can be used with --offline.`,
    };
  }
}
