import { PickleCursor } from './pickle_cursor.js';
import { PickleMachine } from './pickle_machine.js';
import type { PickleKnowledge } from './pickle_machine.js';
import { PickleGlobal, PickleTuple } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';

/** A checkpoint of a thousand tensors has some 40,000 opcodes; each may cost a hundred bytes of memory. */
const MOST_OPCODES = 1_000_000;

/** A pickle that was read. */
export interface PickleRead {
  value: PickleValue;
  /** Byte after the pickle. */
  end: number;
  /** Names of classes and functions that were not known, so that what they would have made is inert. */
  inertClasses: Set<string>;
}

/**
 * Reads a pickle of protocol 2 to 5. It runs nothing: a pickle is a small program that calls functions by name, and the
 * only names with any effect are those of `knowledge`, which make data.
 * @param bytes - what holds the pickle
 * @param where - for messages: file and record
 * @param knowledge - the names that are known
 * @param start - where the pickle begins
 * @throws MapleError naming file, record and byte
 */
export function readPickle(bytes: Uint8Array, where: string, knowledge: PickleKnowledge, start = 0): PickleRead {
  const cursor = new PickleCursor(bytes, where, start);
  const inertClasses = new Set<string>();
  const machine = new PickleMachine(cursor, knowledge, inertClasses);
  for (let count = 0; count < MOST_OPCODES; count++) {
    const opcode = cursor.unsigned(1);
    if (opcode === STOP) {
      return { value: machine.result(), end: cursor.position, inertClasses };
    }
    const step = OPCODES.get(opcode);
    if (step === undefined) {
      cursor.position -= 1;
      return cursor.fail(`opcode ${show(opcode)} must be one of pickle protocol 2 to 5. Is this a file of torch.save?`);
    }
    step(machine, cursor);
  }
  return cursor.fail(`a pickle must have at most ${MOST_OPCODES} opcodes.`);
}

type Step = (machine: PickleMachine, cursor: PickleCursor) => void;

const STOP = 0x2e;
const NEWEST_PROTOCOL = 5;
/** More than any number in a checkpoint; turning a longer one into a number would take time. */
const LONGEST_INTEGER = 255;

// Named as in Python's pickletools, where each is described.
const OPCODES: ReadonlyMap<number, Step> = new Map<number, Step>([
  // The stream
  [0x80, (_, cursor) => checkProtocol(cursor)], // PROTO
  [0x95, (_, cursor) => void cursor.length8()], // FRAME: how much to read ahead, of no use here

  // Values
  [0x4e, (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x4b, (machine, cursor) => machine.push(cursor.unsigned(1))], // BININT1
  [0x4d, (machine, cursor) => machine.push(cursor.unsigned(2))], // BININT2
  [0x4a, (machine, cursor) => machine.push(cursor.signed())], // BININT
  [0x8a, (machine, cursor) => machine.push(integer(cursor, cursor.unsigned(1)))], // LONG1
  [0x8b, (machine, cursor) => machine.push(integer(cursor, cursor.unsigned(4)))], // LONG4
  [0x47, (machine, cursor) => machine.push(cursor.float())], // BINFLOAT
  [0x8c, (machine, cursor) => machine.push(cursor.text(cursor.unsigned(1)))], // SHORT_BINUNICODE
  [0x58, (machine, cursor) => machine.push(cursor.text(cursor.unsigned(4)))], // BINUNICODE
  [0x8d, (machine, cursor) => machine.push(cursor.text(cursor.length8()))], // BINUNICODE8
  [0x55, (machine, cursor) => machine.push(cursor.text(cursor.unsigned(1)))], // SHORT_BINSTRING: Python 2's text
  [0x54, (machine, cursor) => machine.push(cursor.text(cursor.unsigned(4)))], // BINSTRING
  [0x43, (machine, cursor) => machine.push(cursor.take(cursor.unsigned(1)))], // SHORT_BINBYTES
  [0x42, (machine, cursor) => machine.push(cursor.take(cursor.unsigned(4)))], // BINBYTES
  [0x8e, (machine, cursor) => machine.push(cursor.take(cursor.length8()))], // BINBYTES8
  [0x96, (machine, cursor) => machine.push(cursor.take(cursor.length8()))], // BYTEARRAY8

  // Containers
  [0x5d, (machine) => machine.push([])], // EMPTY_LIST
  [0x7d, (machine) => machine.push(new Map())], // EMPTY_DICT
  [0x8f, (machine) => machine.push(new Set())], // EMPTY_SET
  [0x29, (machine) => machine.push(new PickleTuple([]))], // EMPTY_TUPLE
  [0x85, (machine) => machine.push(tuple(machine, 1))], // TUPLE1
  [0x86, (machine) => machine.push(tuple(machine, 2))], // TUPLE2
  [0x87, (machine) => machine.push(tuple(machine, 3))], // TUPLE3
  [0x74, (machine) => machine.push(new PickleTuple(machine.popMark()))], // TUPLE
  [0x6c, (machine) => machine.push(machine.popMark())], // LIST
  [0x64, (machine) => dictionary(machine)], // DICT
  [0x91, (machine) => machine.push(new Set(machine.popMark()))], // FROZENSET
  [0x61, (machine) => machine.append([machine.pop()])], // APPEND
  [0x65, (machine) => machine.append(machine.popMark())], // APPENDS
  [0x90, (machine) => machine.append(machine.popMark())], // ADDITEMS
  [0x73, (machine) => machine.setItems(pair(machine))], // SETITEM
  [0x75, (machine) => machine.setItems(machine.popMark())], // SETITEMS

  // The stack and the memo
  [0x28, (machine) => machine.mark()], // MARK
  [0x30, (machine) => machine.drop()], // POP
  [0x31, (machine) => void machine.popMark()], // POP_MARK
  [0x32, (machine) => machine.push(machine.top())], // DUP
  [0x71, (machine, cursor) => machine.memoize(cursor.unsigned(1))], // BINPUT
  [0x72, (machine, cursor) => machine.memoize(cursor.unsigned(4))], // LONG_BINPUT
  [0x94, (machine) => machine.memoize()], // MEMOIZE
  [0x68, (machine, cursor) => machine.recall(cursor.unsigned(1))], // BINGET
  [0x6a, (machine, cursor) => machine.recall(cursor.unsigned(4))], // LONG_BINGET

  // Names and what is made of them
  [0x63, (machine, cursor) => machine.push(new PickleGlobal(`${cursor.line()}.${cursor.line()}`))], // GLOBAL
  [0x93, (machine) => stackGlobal(machine)], // STACK_GLOBAL
  [0x52, (machine) => machine.call()], // REDUCE
  [0x81, (machine) => machine.call()], // NEWOBJ
  [0x92, (machine) => machine.callWithNames()], // NEWOBJ_EX
  [0x62, (machine) => machine.build()], // BUILD
  [0x51, (machine) => machine.persistent()], // BINPERSID
]);

function checkProtocol(cursor: PickleCursor): void {
  const protocol = cursor.unsigned(1);
  if (protocol > NEWEST_PROTOCOL) {
    cursor.fail(`the pickle protocol must be at most ${NEWEST_PROTOCOL}. Received: ${protocol}.`);
  }
}

/** Little-endian two's complement; a number where that is exact, else a bigint. */
function integer(cursor: PickleCursor, length: number): number | bigint {
  if (length > LONGEST_INTEGER) {
    cursor.fail(`an integer must have at most ${LONGEST_INTEGER} bytes. Received: ${length}.`);
  }
  const bytes = cursor.take(length);
  const magnitude = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const value = BigInt.asIntN(length * 8, magnitude);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function tuple(machine: PickleMachine, length: number): PickleTuple {
  const items = Array.from({ length }, () => machine.pop());
  return new PickleTuple(items.reverse());
}

function pair(machine: PickleMachine): PickleValue[] {
  const value = machine.pop();
  return [machine.pop(), value];
}

function dictionary(machine: PickleMachine): void {
  const pairs = machine.popMark();
  machine.push(new Map());
  machine.setItems(pairs);
}

function stackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') {
    machine.cursor.fail('the name of a class must be text.');
  }
  machine.push(new PickleGlobal(`${module as string}.${name as string}`));
}

function show(opcode: number): string {
  return `0x${opcode.toString(16).padStart(2, '0')}`;
}
