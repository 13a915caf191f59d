import type { Fail, PickleCursor } from './pickle_cursor.js';
import { InertObject, PickleGlobal, PickleTuple } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';

/** What a pickle may name; everything else becomes inert. */
export interface PickleKnowledge {
  /** The value of a persistent id: torch.save's way of naming a storage. */
  persistent(id: PickleValue, fail: Fail): PickleValue;
  /** The result of calling a function or class by name, or undefined when the name is not known. */
  call(name: string, args: readonly PickleValue[], fail: Fail): PickleValue | undefined;
}

/** The stack and memo that the opcodes of a pickle work on. */
export class PickleMachine {
  private stack: PickleValue[] = [];
  private readonly below: PickleValue[][] = [];
  private copied = 0;
  private readonly memo = new Map<number, PickleValue>();

  /**
   * @param cursor - where the opcodes are read
   * @param knowledge - what may be made
   * @param inertClasses - filled with the names that were met and not known
   */
  constructor(
    readonly cursor: PickleCursor,
    private readonly knowledge: PickleKnowledge,
    private readonly inertClasses: Set<string>,
  ) {}

  /** Puts a value on the stack. */
  push(value: PickleValue): void {
    this.stack.push(value);
  }

  /** Takes the value on top. */
  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  /** The value on top, left there. */
  top(): PickleValue {
    const value = this.stack.at(-1);
    return value === undefined ? this.cursor.fail('an opcode takes a value from the stack, which is empty.') : value;
  }

  /** Begins a group of values. */
  mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  /** Takes the values since the last mark. */
  popMark(): PickleValue[] {
    const group = this.stack;
    this.stack = this.below.pop() ?? this.cursor.fail('an opcode takes a group of values, which none began.');
    return group;
  }

  /** Takes the top, or with nothing on it the mark itself: Python's POP. */
  drop(): void {
    if (this.stack.length > 0) {
      this.stack.pop();
    } else {
      this.popMark();
    }
  }

  /** The value that remains when the pickle stops. */
  result(): PickleValue {
    const value = this.pop();
    return this.below.length === 0 ? value : this.cursor.fail('the pickle stops in the middle of a group of values.');
  }

  /** Keeps the top for later under a number. */
  memoize(key: number = this.memo.size): void {
    this.memo.set(key, this.top());
  }

  /** Puts a kept value on the stack. */
  recall(key: number): void {
    const value = this.memo.get(key);
    this.push(value === undefined ? this.cursor.fail(`an opcode recalls value ${key}, which was never kept.`) : value);
  }

  /** Calls what is below its arguments on the stack: makes what is known, and an inert object of all else. */
  call(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(args instanceof PickleTuple)) {
      this.cursor.fail('the arguments of a call must be a tuple.');
    }
    if (!(callable instanceof PickleGlobal || callable instanceof InertObject)) {
      this.cursor.fail('what is called must be the name of a class or function.');
    }
    this.push(this.callNamed(callable as PickleGlobal | InertObject, args as PickleTuple));
  }

  /** Makes an object with arguments by name, which no class that is known takes. */
  callWithNames(): void {
    const named = this.pop();
    const args = this.pop();
    const type = this.pop();
    const name = type instanceof PickleGlobal ? type.name : this.cursor.fail('what is made must be named.');
    this.push(this.inert(name, new PickleTuple([args, named])));
  }

  /** Adds values to the list or set below them. */
  append(values: readonly PickleValue[]): void {
    const target = this.top();
    if (Array.isArray(target)) {
      values.forEach((value) => target.push(value));
    } else if (target instanceof InertObject) {
      values.forEach((value) => target.items.push(value));
    } else if (target instanceof Set) {
      values.forEach((value) => target.add(value));
    } else {
      this.cursor.fail('values are added to what is neither a list nor a set.');
    }
  }

  /** Sets keys of the dictionary below: key, value, key, value, ... */
  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    const entries = target instanceof InertObject ? target.entries : target;
    if (!(entries instanceof Map) || pairs.length % 2 !== 0) {
      return this.cursor.fail('keys and values must come in pairs and for a dictionary.');
    }
    for (let i = 0; i < pairs.length; i += 2) {
      entries.set(pairs[i], pairs[i + 1]);
    }
  }

  /** Gives an object its state. Only inert objects keep it: containers and tensors have no use for their attributes. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof InertObject) {
      target.state = state;
    } else if (target === null || typeof target !== 'object') {
      this.cursor.fail('a state is given to what has none.');
    }
  }

  /** The value that a persistent id stands for. */
  persistent(): void {
    this.push(this.knowledge.persistent(this.pop(), this.cursor.fail));
  }

  private callNamed(callable: PickleGlobal | InertObject, args: PickleTuple): PickleValue {
    if (callable instanceof InertObject) {
      return this.inert(callable.className, args);
    }
    // One long list can be the argument of a million calls, each of which copies it.
    this.copied += args.items.reduce((sum: number, item) => sum + sizeOf(item), 0);
    if (this.copied > MOST_COPIED) {
      this.cursor.fail(`calls must take at most ${MOST_COPIED} values in all.`);
    }
    const known = this.knowledge.call(callable.name, args.items, this.cursor.fail);
    return known === undefined ? this.inert(callable.name, args) : known;
  }

  private inert(name: string, args: PickleValue): InertObject {
    this.inertClasses.add(name);
    return new InertObject(name, args);
  }
}

const MOST_COPIED = 4_000_000;

function sizeOf(value: PickleValue): number {
  if (value instanceof Map || value instanceof Set) {
    return value.size;
  }
  return Array.isArray(value) ? value.length : value instanceof PickleTuple ? value.items.length : 1;
}
