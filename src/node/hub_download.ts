import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { MapleError } from '../../layers/errors.js';
import { diskRemedy } from './disk_remedy.js';
import { gitBlobId, sha256File } from './file_digest.js';
import { LARGE_FILE_ID, type HubFile } from './hub_cache.js';
import { requestFile, type HubAddress } from './hub_requests.js';

/** What {@link downloadBlob} downloads, and where to. */
export interface DownloadArgs {
  address: HubAddress;
  /** Its path in the repository. */
  file: string;
  entry: HubFile;
  /** Where the complete and checked file goes. */
  blob: string;
  /** Is told how many bytes there are. */
  onBytes: (bytes: number) => void;
}

/**
 * Downloads a file beside its place, checks size and digest, and only then puts it there. What an interrupted download
 * left (also one of an earlier process) is gone on with; a connection that breaks is taken up again as long as each
 * attempt gets further.
 * @throws MapleError when the connection breaks or the content is not what the hub announced
 */
export async function downloadBlob(args: DownloadArgs): Promise<void> {
  const { entry, blob, onBytes } = args;
  const partial = `${blob}.incomplete`;
  await mkdir(dirname(blob), { recursive: true }).catch(cannotWrite(dirname(blob)));
  let have = await sizeOf(partial);
  if (have > entry.size) {
    await rm(partial);
    have = 0;
  }
  onBytes(have);
  while (have < entry.size || !(await exists(partial))) {
    const before = have;
    const broken = await appendRest(args, partial, have);
    have = await sizeOf(partial);
    if (broken !== undefined && have <= before) {
      throw new MapleError(
        `The download of ${args.file} of ${args.address.repo} broke off at byte ${have} of ${entry.size}: ` +
          `${broken.message}. Try again: it goes on from there.`,
        { cause: broken },
      );
    }
  }
  await check(args, partial);
  await rename(partial, blob);
}

/** Fetches what is missing; gives the error of a connection that broke. */
async function appendRest(args: DownloadArgs, partial: string, have: number): Promise<Error | undefined> {
  const { address, file, entry, onBytes } = args;
  const response = await requestFile(address, file, have);
  // A server that knows no ranges sends the whole; one that refuses the range has another file.
  const start = response.status === 206 ? have : 0;
  if (response.status === 416 || (start > 0 && !rangeBegins(response, start))) {
    await response.body?.cancel();
    await rm(partial);
    throw changed(args, 'it has no such range');
  }
  let bytes = start;
  const count = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > entry.size) {
        throw changed(args, `it is longer than ${entry.size} bytes`);
      }
      onBytes(bytes);
      yield chunk;
    }
  };
  const disk = createWriteStream(partial, { flags: start > 0 ? 'a' : 'w' });
  let diskError: Error | undefined;
  disk.once('error', (error) => (diskError ??= error));
  try {
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
    await pipeline(body, count, disk);
  } catch (error) {
    if (error instanceof MapleError) {
      await rm(partial, { force: true });
      throw error;
    }
    if (diskError !== undefined && 'code' in diskError && 'syscall' in diskError) {
      return cannotWrite(partial)(diskError);
    }
    return error as Error;
  }
  return bytes < entry.size ? new Error('the server ended the file too early') : undefined;
}

async function check(args: DownloadArgs, partial: string): Promise<void> {
  const { entry } = args;
  const digest = LARGE_FILE_ID.test(entry.id) ? await sha256File(partial) : await gitBlobId(partial, entry.size);
  if (digest !== entry.id) {
    await rm(partial);
    throw changed(args, `its digest must be ${entry.id} and is ${digest}`);
  }
}

function changed({ file, address }: DownloadArgs, what: string): MapleError {
  return new MapleError(
    `What ${address.hubUrl} sent as ${file} of ${address.repo} is not the file it announced: ${what}. ` +
      'It has been thrown away. Try again; if it stays so, the mirror or a proxy is broken.',
  );
}

function rangeBegins(response: Response, start: number): boolean {
  return response.headers.get('content-range')?.startsWith(`bytes ${start}-`) === true;
}

function cannotWrite(path: string): (error: unknown) => never {
  return (error) => {
    throw new MapleError(`${path} cannot be written: ${diskRemedy(error)}`, { cause: error });
  };
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
