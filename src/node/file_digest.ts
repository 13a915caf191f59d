import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Bytes read at once: hashing is then as fast as the processor allows, and no file is in memory as a whole. */
const CHUNK = 2 ** 20;

/** The SHA-256 of a file, hex. */
export async function sha256File(path: string): Promise<string> {
  return digestFile(path, 'sha256');
}

/** A file's digest as git and the hub name the files that they keep themselves: SHA-1 of a heading and the content. */
export async function gitBlobId(path: string, size: number): Promise<string> {
  return digestFile(path, 'sha1', `blob ${size}\0`);
}

async function digestFile(path: string, algorithm: string, heading = ''): Promise<string> {
  const hash = createHash(algorithm).update(heading);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/**
 * The identity of weights in several files: the SHA-256 of their SHA-256s, 32 bytes each, in the order of their names.
 * One file is identified by its own.
 */
export function joinedIdentity(digests: readonly string[]): string {
  if (digests.length === 1) {
    return digests[0];
  }
  const hash = createHash('sha256');
  digests.forEach((digest) => hash.update(Buffer.from(digest, 'hex')));
  return hash.digest('hex');
}
