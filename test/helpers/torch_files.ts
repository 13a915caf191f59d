import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memorySource } from '../../src/weights/byte_source.js';
import type { ByteSource } from '../../src/weights/byte_source.js';

/** The path of a file that test/fixtures/torch/make.py wrote. */
export function torchFixture(name: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'torch', name);
}

/** The bytes of a file that test/fixtures/torch/make.py wrote. */
export function torchBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(torchFixture(name)));
}

/** A record of a ZIP archive, stored; fields that are given contradict its bytes. */
export interface CraftedRecord {
  name: string;
  bytes: Uint8Array;
  flags?: number;
  method?: number;
  /** Bytes that the directory claims, stored and unpacked. */
  stored?: number;
  unpacked?: number;
  /** Name in front of the data. */
  localName?: string;
  /** Where the directory says that it begins. */
  offset?: number;
}

/** A ZIP archive of the records, with whatever they claim. */
export function craftZip(records: readonly CraftedRecord[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const record of records) {
    const { name, bytes, flags = 0x800, method = 0, localName = name } = record;
    const sizes = [record.stored ?? bytes.length, record.unpacked ?? record.stored ?? bytes.length];
    const local = [
      ...u32(0x04034b50),
      ...u16(20, flags, method, 0, 0x21),
      ...u32(0, ...sizes),
      ...u16(text(localName).length, 0),
    ];
    const offset = record.offset ?? position;
    directory.push(
      Uint8Array.from([
        ...[
          ...u32(0x02014b50),
          ...u16(20, 20, flags, method, 0, 0x21),
          ...u32(0, ...sizes),
          ...u16(text(name).length, 0, 0, 0, 0),
        ],
        ...[...u32(0, offset), ...text(name)],
      ]),
    );
    parts.push(Uint8Array.from([...local, ...text(localName)]), bytes);
    position += local.length + text(localName).length + bytes.length;
  }
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  const count = records.length;
  parts.push(
    ...directory,
    Uint8Array.from([...u32(0x06054b50), ...u16(0, 0, count, count), ...u32(length, position), ...u16(0)]),
  );
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** An archive of torch.save around a pickle, with storages of so many bytes. */
export function craftTorch(pickle: Uint8Array, storages: Record<string, number> = {}): ByteSource {
  const records = Object.entries(storages).map(([key, size]) => ({
    name: `a/data/${key}`,
    bytes: new Uint8Array(size),
  }));
  return memorySource('bad.pt', craftZip([{ name: 'a/data.pkl', bytes: pickle }, ...records]));
}

/** Opcodes of a pickle, as character codes and texts. */
export function pickle(...parts: (number | string | number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...text(part)] : part)));
}

/** A text as BINUNICODE. */
export function pickled(value: string): number[] {
  return [0x58, ...u32(text(value).length), ...text(value)];
}

function u16(...values: number[]): number[] {
  return values.flatMap((value) => [value & 255, (value >>> 8) & 255]);
}

function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
