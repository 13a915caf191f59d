import type { Fail } from './pickle_cursor.js';
import type { PickleKnowledge } from './pickle_machine.js';
import { PickleGlobal, PickleTuple } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';
import { natural, storageRequest } from './storage_request.js';
import type { FindStorage } from './storage_request.js';
import { checkedTensor } from './torch_tensor.js';
import type { TorchStorage, TorchTensor } from './torch_tensor.js';

/**
 * All that this reader knows of Python: tensors, their storages, and containers.
 * @param findStorage - where the bytes of storages are
 */
export function torchKnowledge(findStorage: FindStorage): PickleKnowledge {
  return {
    persistent: (id, fail) => findStorage(storageRequest(id, fail), fail),
    call: (name, args, fail) => KNOWN.get(name)?.(args, fail),
  };
}

type Known = (args: readonly PickleValue[], fail: Fail) => PickleValue;

const KNOWN: ReadonlyMap<string, Known> = new Map<string, Known>([
  [
    'torch._utils._rebuild_tensor',
    ([storage, offset, shape, strides], fail) => tensor(storage, offset, shape, strides, fail),
  ],
  [
    'torch._utils._rebuild_tensor_v2',
    ([storage, offset, shape, strides], fail) => tensor(storage, offset, shape, strides, fail),
  ],
  ['torch._utils._rebuild_tensor_v3', rebuildTyped],
  ['torch._utils._rebuild_parameter', ([data], fail) => asTensor(data, fail)],
  ['torch._utils._rebuild_parameter_with_state', ([data], fail) => asTensor(data, fail)],
  ['torch._tensor._rebuild_from_type_v2', rebuildSubclass],
  ['torch.Size', ([items], fail) => new PickleTuple(list(items ?? [], fail))],
  ['torch.jit._pickle.build_intlist', ([items], fail) => [...list(items, fail)]],
  ['torch.jit._pickle.build_doublelist', ([items], fail) => [...list(items, fail)]],
  ['torch.jit._pickle.build_boollist', ([items], fail) => [...list(items, fail)]],
  ['torch.jit._pickle.build_tensorlist', ([items], fail) => [...list(items, fail)]],
  ['torch.jit._pickle.restore_type_tag', ([value]) => value ?? null],
  ['collections.OrderedDict', ([pairs], fail) => dictionary(pairs, fail)],
  // Its argument is what makes missing values, of no use to a reader.
  ['collections.defaultdict', () => new Map()],
  ...['builtins', '__builtin__'].flatMap((module): [string, Known][] => [
    [`${module}.dict`, ([pairs], fail) => dictionary(pairs, fail)],
    [`${module}.list`, ([items], fail) => [...list(items ?? [], fail)]],
    [`${module}.tuple`, ([items], fail) => new PickleTuple(list(items ?? [], fail))],
    [`${module}.set`, ([items], fail) => new Set(list(items ?? [], fail))],
    [`${module}.frozenset`, ([items], fail) => new Set(list(items ?? [], fail))],
  ]),
]);

/** PyTorch's names of types, for tensors that say theirs apart from their storage. */
const DTYPES: ReadonlyMap<string, string> = new Map([
  ['torch.float64', 'F64'],
  ['torch.float32', 'F32'],
  ['torch.float16', 'F16'],
  ['torch.bfloat16', 'BF16'],
  ['torch.int64', 'I64'],
  ['torch.int32', 'I32'],
  ['torch.int16', 'I16'],
  ['torch.int8', 'I8'],
  ['torch.uint8', 'U8'],
  ['torch.bool', 'BOOL'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
  ['torch.float8_e4m3fn', 'F8_E4M3'],
  ['torch.float8_e5m2', 'F8_E5M2'],
]);

function rebuildTyped(args: readonly PickleValue[], fail: Fail): PickleValue {
  const [storage, offset, shape, strides, , , type] = args;
  const dtype = type instanceof PickleGlobal ? DTYPES.get(type.name) : undefined;
  if (dtype === undefined) {
    return fail(`a tensor must be of a type such as ${[...DTYPES.keys()].join(', ')}.`);
  }
  return tensor(storage, offset, shape, strides, fail, dtype);
}

/** (function, class, arguments, state): a subclass of Tensor is read as the tensor it is made from. */
function rebuildSubclass([rebuild, , args]: readonly PickleValue[], fail: Fail): PickleValue {
  const known = rebuild instanceof PickleGlobal && rebuild.name !== SUBCLASS ? KNOWN.get(rebuild.name) : undefined;
  return known !== undefined && args instanceof PickleTuple
    ? known(args.items, fail)
    : fail('a subclass of Tensor must be made by a function of PyTorch.');
}

/** PyTorch itself stops there. */
const MOST_AXES = 64;
const SUBCLASS = 'torch._tensor._rebuild_from_type_v2';

function tensor(
  storage: PickleValue,
  offset: PickleValue,
  shape: PickleValue,
  strides: PickleValue,
  fail: Fail,
  type?: string,
): TorchTensor {
  if (!isStorage(storage)) {
    return fail('a tensor must be made of a storage.');
  }
  const dtype = type ?? storage.dtype ?? fail('a tensor of an untyped storage must say its type.');
  return checkedTensor(
    {
      storage,
      dtype,
      offset: natural(offset, 'the offset of a tensor', fail),
      shape: axes(shape, 'the size of an axis', fail),
      strides: axes(strides, 'a stride', fail),
    },
    fail,
  );
}

function asTensor(value: PickleValue, fail: Fail): TorchTensor {
  return isTensor(value) ? value : fail('a parameter must be made of a tensor.');
}

function dictionary(pairs: PickleValue, fail: Fail): Map<PickleValue, PickleValue> {
  if (pairs instanceof Map) {
    return new Map(pairs);
  }
  return new Map(
    list(pairs ?? [], fail).map((item) => {
      const [key, value] = list(item, fail);
      return [key ?? null, value ?? null];
    }),
  );
}

/** The items themselves, not a copy: a pickle can name one long list a million times. */
function list(value: PickleValue, fail: Fail): readonly PickleValue[] {
  if (value instanceof PickleTuple) {
    return value.items;
  }
  return Array.isArray(value) ? value : fail('a list or tuple was expected.');
}

function axes(value: PickleValue, what: string, fail: Fail): number[] {
  const sizes = list(value, fail);
  return sizes.length <= MOST_AXES
    ? sizes.map((size) => natural(size, what, fail))
    : fail(`a tensor must have at most ${MOST_AXES} axes. Received: ${sizes.length}.`);
}

function isStorage(value: PickleValue): value is TorchStorage {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'storage';
}

/** Whether a value of a pickle is a tensor. */
export function isTensor(value: PickleValue | undefined): value is TorchTensor {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}
