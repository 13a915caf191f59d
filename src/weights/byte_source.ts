/** Bytes that are read where they are needed: a file, a Blob, memory. No reader of this library asks for the whole. */
export interface ByteSource {
  /** For messages: a path, URL or file name. */
  readonly name: string;
  /** Number of bytes. */
  readonly size: number;
  /** A copy of bytes start (inclusive) to end (exclusive), which the caller may keep. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  // Not by slice: of Node's Buffer it is no copy.
  return { name, size: bytes.length, read: async (start, end) => new Uint8Array(bytes.subarray(start, end)) };
}

/** A Blob, or a File that a browser's user chose. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** Pieces of bytes as one. */
export function joinedBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
