import type { TorchStorage, TorchTensor } from './torch_tensor.js';

/** What a pickle can hold once it is read. Dictionaries are Maps, so that a key named `__proto__` is a key. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleTuple
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | InertObject
  | TorchStorage
  | TorchTensor;

/** A Python tuple, which unlike a list never changes. */
export class PickleTuple {
  /** @param items - its values */
  constructor(readonly items: readonly PickleValue[]) {}
}

/** The name of a Python class or function. It is a name only: nothing is looked up or imported. */
export class PickleGlobal {
  /** @param name - e.g. `torch._utils._rebuild_tensor_v2` */
  constructor(readonly name: string) {}
}

/** What Python would have made by calling a class or function that this reader does not know: kept, never run. */
export class InertObject {
  /** What BUILD would have given to `__setstate__`. */
  state: PickleValue | undefined;
  /** What would have been appended. */
  readonly items: PickleValue[] = [];
  /** What would have been set by key. */
  readonly entries = new Map<PickleValue, PickleValue>();

  /**
   * @param className - e.g. `torch.optim.sgd.SGD`
   * @param args - what it would have been called with
   */
  constructor(
    readonly className: string,
    readonly args: PickleValue,
  ) {}
}
