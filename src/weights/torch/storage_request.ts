import type { Fail } from './pickle_cursor.js';
import { PickleGlobal, PickleTuple } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';
import { elementBytes } from './torch_tensor.js';
import type { TorchStorage } from './torch_tensor.js';

/** Finds the bytes of a storage by its key, e.g. `0` for the record `data/0`. */
export type FindStorage = (request: StorageRequest, fail: Fail) => TorchStorage;

/** What a pickle says of a storage. */
export interface StorageRequest {
  key: string;
  dtype: string | undefined;
  bytes: number;
}

/** PyTorch's names of storage classes, each of one type. */
const STORAGE_TYPES: ReadonlyMap<string, string> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
  ['torch.ComplexFloatStorage', 'C64'],
  ['torch.ComplexDoubleStorage', 'C128'],
]);
/** Its tensors say their type themselves. */
const UNTYPED = ['torch.UntypedStorage', 'torch.storage.UntypedStorage'];

/**
 * What torch.save names a storage by: ('storage', class, key, device, elements), and in files before PyTorch 1.6 a view.
 * @param id - the persistent id
 * @param fail - refuses the file
 */
export function storageRequest(id: PickleValue, fail: Fail): StorageRequest {
  const [tag, type, key, , elements, view] = id instanceof PickleTuple ? id.items : [];
  if (tag !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string') {
    return fail("a persistent id must be ('storage', type, key, device, elements).");
  }
  if (view !== undefined && view !== null) {
    return fail('a view of a storage, as PyTorch before 0.4 wrote, must be re-saved: torch.save(torch.load(f), g).');
  }
  const dtype = STORAGE_TYPES.get(type.name);
  if (dtype === undefined && !UNTYPED.includes(type.name)) {
    return fail(`a storage must be of a type such as ${[...STORAGE_TYPES.keys()].join(', ')}. Received: ${type.name}.`);
  }
  const bytes = natural(elements, 'the size of a storage', fail) * (dtype === undefined ? 1 : elementBytes(dtype));
  return { key, dtype, bytes };
}

/** A size or an offset, which a pickle may give as anything. */
export function natural(value: PickleValue | undefined, what: string, fail: Fail): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(`${what} must be an integer >= 0. Received: ${typeof value === 'object' ? 'an object' : String(value)}.`);
}
