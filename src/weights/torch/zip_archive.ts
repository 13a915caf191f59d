import type * as Zip from '@zip.js/zip.js/lib/zip-core-native.js';
import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';

/** More than any checkpoint has; each costs memory. */
const MOST_ENTRIES = 100_000;
/** The directory of so many entries; zip.js would otherwise read as much as the file says. */
const LARGEST_READ = 64 * 2 ** 20;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAGS = 0x2041;
/** Every archive of PyTorch has a needless ZIP64 record, which zip.js takes for this. */
const HARMLESS_WARNING = 'trailing central directory data';

/** A ZIP archive whose records are read where they lie in the file; nothing is ever unpacked to a disk. */
export class ZipArchive {
  /** By the start of a record, where the next begins. */
  private readonly ends = new Map<number, number>();

  /** Use {@link openZip}, which checks the directory. */
  constructor(
    private readonly source: ByteSource,
    private readonly entries: ReadonlyMap<string, Zip.FileEntry>,
    private readonly directoryStart: number,
  ) {
    const starts = [...entries.values()].map((entry) => entry.offset).sort((one, other) => one - other);
    let end = directoryStart;
    for (const start of starts.reverse()) {
      this.ends.set(start, this.ends.get(start) ?? end);
      end = start;
    }
  }

  /** Names of all records. */
  get names(): string[] {
    return [...this.entries.keys()];
  }

  /** Bytes of a record, or undefined when there is none of that name. */
  size(name: string): number | undefined {
    return this.entries.get(name)?.uncompressedSize;
  }

  /**
   * Where the bytes of a record that is not compressed begin in the file.
   * @throws MapleError when there is none of that name, it is compressed, or what precedes it contradicts the directory
   */
  async locate(name: string): Promise<number> {
    const entry = this.entry(name);
    if (entry.compressionMethod !== STORED) {
      return this.fail(name, 'must not be compressed, as torch.save leaves it. Save it again with torch.save.');
    }
    const end = entry.offset + LOCAL_HEADER_BYTES + entry.rawFilename.length;
    if (end > this.directoryStart) {
      return this.fail(name, 'begins beyond the data of the archive. Is the file damaged?');
    }
    const header = await this.source.read(entry.offset, end);
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const nameBytes = view.getUint16(26, true);
    // The header repeats the name: a difference would let two readers see two archives.
    if (
      view.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE ||
      (view.getUint16(6, true) & ENCRYPTED_FLAGS) !== 0 ||
      view.getUint16(8, true) !== STORED ||
      nameBytes !== entry.rawFilename.length ||
      entry.rawFilename.some((byte, index) => byte !== header[LOCAL_HEADER_BYTES + index])
    ) {
      return this.fail(name, 'is not what the directory of the archive says. Is the file damaged?');
    }
    const start = entry.offset + LOCAL_HEADER_BYTES + nameBytes + view.getUint16(28, true);
    if (start + entry.uncompressedSize > (this.ends.get(entry.offset) as number)) {
      return this.fail(name, `of ${entry.uncompressedSize} bytes runs into what follows it. Is the file damaged?`);
    }
    return start;
  }

  /**
   * All bytes of a record, compressed or not.
   * @param limit - refused beyond so many bytes, whatever the archive says of its size
   */
  async read(name: string, limit: number): Promise<Uint8Array> {
    const entry = this.entry(name);
    if (entry.uncompressedSize > limit) {
      return this.fail(name, `must have at most ${limit} bytes. Received: ${entry.uncompressedSize}.`);
    }
    if (entry.compressionMethod === STORED) {
      const start = await this.locate(name);
      return this.source.read(start, start + entry.uncompressedSize);
    }
    return this.inflate(name, entry);
  }

  private async inflate(name: string, entry: Zip.FileEntry): Promise<Uint8Array> {
    const bytes = new Uint8Array(entry.uncompressedSize);
    let filled = 0;
    const writable = new WritableStream<Uint8Array>({
      write(chunk) {
        if (filled + chunk.length > bytes.length) {
          throw new MapleError(`it has more than the ${bytes.length} bytes that the directory says`);
        }
        bytes.set(chunk, filled);
        filled += chunk.length;
      },
    });
    try {
      await entry.getData(writable, { useWebWorkers: false, checkCrc32: true, checkOverlappingEntry: true });
    } catch (error) {
      return this.fail(name, `cannot be unpacked: ${(error as Error).message}. Is the file damaged?`);
    }
    return filled === bytes.length ? bytes : this.fail(name, `must have ${bytes.length} bytes. Received: ${filled}.`);
  }

  private entry(name: string): Zip.FileEntry {
    const entry = this.entries.get(name);
    return entry ?? this.fail(name, 'is missing. Is this a file of torch.save?');
  }

  private fail(name: string, problem: string): never {
    throw new MapleError(`${this.source.name}: the record ${name} ${problem}`);
  }
}

/**
 * Opens a ZIP archive: reads and checks its directory and nothing else.
 * @throws MapleError when it is damaged, encrypted, ambiguous or not a ZIP archive
 */
export async function openZip(source: ByteSource): Promise<ZipArchive> {
  const fail = (problem: string): never => {
    throw new MapleError(`${source.name} is not a ZIP archive that PyTorch writes: ${problem}`);
  };
  // Pages that open no such file need not load zip.js.
  const zip = await import('@zip.js/zip.js/lib/zip-core-native.js');
  const reader = new zip.ZipReader(sourceReader(zip, source), { strictness: 'balanced', filenameValidation: 'strict' });
  const entries = new Map<string, Zip.FileEntry>();
  let count = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (++count > MOST_ENTRIES) {
        fail(`it must have at most ${MOST_ENTRIES} records.`);
      }
      if (entry.directory) {
        continue;
      }
      if (entries.has(entry.filename)) {
        fail(`the record ${entry.filename} is there twice.`);
      }
      checkEntry(entry, fail);
      entries.set(entry.filename, entry);
    }
  } catch (error) {
    if (error instanceof MapleError) {
      throw error;
    }
    fail(`${(error as Error).message}. Is the file complete?`);
  }
  const warning = reader.warnings?.find(({ reason }) => reason !== HARMLESS_WARNING);
  if (warning !== undefined) {
    fail(`it has ${warning.reason}. Is the file damaged?`);
  }
  return new ZipArchive(source, entries, reader.directoryOffset ?? 0);
}

function checkEntry(entry: Zip.FileEntry, fail: (problem: string) => never): void {
  const { filename, encrypted, rawBitFlag, compressionMethod, compressedSize, uncompressedSize } = entry;
  if (encrypted || ((rawBitFlag ?? 0) & ENCRYPTED_FLAGS) !== 0) {
    fail(`the record ${filename} is encrypted.`);
  }
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    fail(`the record ${filename} is compressed by method ${compressionMethod}; only storing and deflating are known.`);
  }
  if (compressionMethod === STORED && compressedSize !== uncompressedSize) {
    fail(`the record ${filename} is not compressed and yet of two sizes, ${compressedSize} and ${uncompressedSize}.`);
  }
}

/** How zip.js reads the source: in pieces, and never more at once than a directory needs. */
function sourceReader(zip: typeof Zip, source: ByteSource): Zip.Reader<ByteSource> {
  return new (class extends zip.Reader<ByteSource> {
    constructor() {
      super(source);
      this.size = source.size;
    }

    override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
      const end = Math.min(index + length, source.size);
      if (index < 0 || end - index > LARGEST_READ) {
        throw new MapleError(`${source.name}: the directory of the archive must have at most ${LARGEST_READ} bytes.`);
      }
      return index >= end ? new Uint8Array(0) : source.read(index, end);
    }
  })();
}
