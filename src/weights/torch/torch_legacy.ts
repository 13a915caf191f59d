import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';
import { TruncatedPickle } from './pickle_cursor.js';
import { readPickle } from './pickle_reader.js';
import type { PickleKnowledge } from './pickle_machine.js';
import type { PickleValue } from './pickle_values.js';
import { torchContent } from './torch_content.js';
import { TorchFile } from './torch_file.js';
import { torchKnowledge } from './torch_knowledge.js';
import { elementBytes } from './torch_tensor.js';
import type { TorchStorage } from './torch_tensor.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const FIRST_WINDOW = 2 ** 18;
const LARGEST_WINDOW = 32 * 2 ** 20;
const LENGTH_BYTES = 8;

/**
 * Opens what torch.save wrote before PyTorch 1.6: five pickles one after the other, then the bytes of each storage after
 * its length.
 * @throws MapleError naming file and byte
 */
export async function openTorchLegacy(source: ByteSource): Promise<TorchFile> {
  const { root, inertClasses, storages, keys, end } = await readStructure(source);
  const starts = await storageStarts(source, storages, keys, end);
  for (const [key, storage] of storages) {
    const start = starts.get(key) ?? fail(source, `the storage ${key} is missing`);
    storage.locate = async () => start;
  }
  return new TorchFile(
    source,
    torchContent(root, source.name, () => undefined),
    [...inertClasses].sort(),
  );
}

/** What the five pickles say. */
interface Structure {
  root: PickleValue;
  inertClasses: Set<string>;
  storages: Map<string, LegacyStorage>;
  /** Storages in the order of their bytes. */
  keys: PickleValue;
  /** Byte after the pickles. */
  end: number;
}

type LegacyStorage = { -readonly [Key in keyof TorchStorage]: TorchStorage[Key] };

/** Nothing says how long the pickles are, so more of the file is read until they end. */
async function readStructure(source: ByteSource): Promise<Structure> {
  const most = Math.min(source.size, LARGEST_WINDOW);
  for (let length = FIRST_WINDOW; ; length *= 4) {
    const window = await source.read(0, Math.min(length, most));
    try {
      return parseStructure(window, source);
    } catch (error) {
      if (!(error instanceof TruncatedPickle) || length >= most) {
        throw error;
      }
    }
  }
}

function parseStructure(window: Uint8Array, source: ByteSource): Structure {
  const plain: PickleKnowledge = {
    persistent: (_, refuse) => refuse('no storage is named here.'),
    call: () => undefined,
  };
  const magic = readPickle(window, source.name, plain);
  if (magic.value !== MAGIC) {
    return fail(source, 'it is a Python pickle but not one of torch.save. Save model.state_dict() with torch.save');
  }
  const protocol = readPickle(window, source.name, plain, magic.end);
  const system = readPickle(window, source.name, plain, protocol.end);
  if (protocol.value !== PROTOCOL || !(system.value instanceof Map)) {
    return fail(source, `its protocol must be ${PROTOCOL}. Save it again: torch.save(torch.load(f), g)`);
  }
  if (system.value.get('little_endian') !== true) {
    return fail(source, 'it must be little-endian. Save it again on a little-endian machine');
  }
  const storages = new Map<string, LegacyStorage>();
  const knowledge = torchKnowledge(({ key, dtype, bytes }, refuse) => {
    const storage = storages.get(key) ?? { kind: 'storage', record: key, dtype, bytes, locate: notYet };
    storages.set(key, storage);
    if (storage.dtype !== dtype || storage.bytes !== bytes) {
      refuse(`the storage ${key} must be of one type and size.`);
    }
    return storage;
  });
  const main = readPickle(window, source.name, knowledge, system.end);
  const keys = readPickle(window, source.name, plain, main.end);
  return { root: main.value, inertClasses: main.inertClasses, storages, keys: keys.value, end: keys.end };
}

async function storageStarts(
  source: ByteSource,
  storages: ReadonlyMap<string, TorchStorage>,
  keys: PickleValue,
  end: number,
): Promise<Map<PickleValue, number>> {
  const starts = new Map<PickleValue, number>();
  let position = end;
  for (const key of Array.isArray(keys) ? keys : fail(source, 'it must list its storages')) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || starts.has(key)) {
      return fail(source, 'it must list each of its storages once');
    }
    const start = position + LENGTH_BYTES;
    if (start + storage.bytes > source.size) {
      return fail(
        source,
        `the storage ${storage.record} of ${storage.bytes} bytes is cut short. Is the file complete?`,
      );
    }
    const length = await source.read(position, start);
    const elements = new DataView(length.buffer, length.byteOffset).getBigUint64(0, true);
    const width = storage.dtype === undefined ? 1 : elementBytes(storage.dtype);
    if (elements * BigInt(width) !== BigInt(storage.bytes)) {
      return fail(source, `the storage ${storage.record} must have ${storage.bytes / width} elements, not ${elements}`);
    }
    starts.set(key, start);
    position = start + storage.bytes;
  }
  return starts;
}

async function notYet(): Promise<number> {
  throw new Error('A storage is located once all of the file is read.');
}

function fail(source: ByteSource, problem: string): never {
  throw new MapleError(`${source.name} is not a valid file of torch.save before PyTorch 1.6: ${problem}.`);
}
