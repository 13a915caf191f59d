import { open, stat } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import type { ByteSource } from '../weights/byte_source.js';

/**
 * A file that is read in pieces. It is open only during a read, so there is nothing to close; a file that was replaced
 * between two reads is an error rather than a mixture of both.
 * @throws MapleError when there is no such file or it cannot be read
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const before = await stat(path).catch((error: Error) => cannotRead(path, error));
  if (!before.isFile()) {
    throw new MapleError(`${path} must be a file.`);
  }
  return {
    name: path,
    size: before.size,
    async read(start, end) {
      const handle = await open(path, 'r').catch((error: Error) => cannotRead(path, error));
      try {
        const now = await handle.stat();
        if (now.size !== before.size || now.mtimeMs !== before.mtimeMs) {
          throw new MapleError(`${path} changed since it was opened. Load it again.`);
        }
        const bytes = new Uint8Array(end - start);
        for (let filled = 0; filled < bytes.length;) {
          // One read of more than 2 GiB fails in Node.
          const length = Math.min(bytes.length - filled, 2 ** 30);
          const { bytesRead } = await handle.read(bytes, filled, length, start + filled);
          if (bytesRead === 0) {
            throw new MapleError(`${path} ends at byte ${start + filled}, before ${end}. Is it complete?`);
          }
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

function cannotRead(path: string, error: Error): never {
  throw new MapleError(`${path} cannot be read: ${error.message}.`, { cause: error });
}
