import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';

/** Numbers of the Mersenne Twister's state. */
const SIZE = 624;
const MIDDLE = 397;
/** CPython draws from a copy of the list up to this many, beside what the number of draws adds. */
const LEAST_SET_SIZE = 21;
/** Draws up to which a set of taken indices is no larger than a list of {@link LEAST_SET_SIZE}. */
const FEW_DRAWS = 5;

/**
 * Python's `random.Random(seed)`: the Mersenne Twister as CPython seeds and reads it, bit for bit (3.6 and later). For
 * draws that have to be those of the official PyTorch code; everything else takes `Random`.
 *
 * ```js
 * new PythonRandom(1).sample([...'abcdefgh'], 3); // ['c', 'e', 'a'], as random.Random(1).sample('abcdefgh', 3)
 * ```
 */
export class PythonRandom {
  private readonly state: Uint32Array;
  private position = SIZE;

  /**
   * @param seed - an integer; as in Python, its sign does not count
   * @throws MapleError when it is none
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new MapleError(`\`seed\` must be an integer. Received: ${shown(seed)}.`);
    }
    this.state = stateOf(wordsOf(Math.abs(seed)));
  }

  /**
   * `random.sample`: `count` different items, in the order drawn. Python has two ways, by the numbers of items and
   * draws, that give other results; both are here.
   * @throws MapleError when there are fewer items than `count`
   */
  sample<T>(items: readonly T[], count: number): T[] {
    const { length } = items;
    if (!Number.isInteger(count) || count < 0 || count > length) {
      throw new MapleError(
        `\`count\` must be an integer from 0 to ${length}, the number of items. Received: ${shown(count)}.`,
      );
    }
    return length <= setSize(count) ? this.sampleFromPool(items, count) : this.sampleByIndex(items, count);
  }

  /** `random.shuffle`, of a copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }

  private sampleFromPool<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    return Array.from({ length: count }, (_, drawn) => {
      const last = pool.length - drawn - 1;
      const index = this.below(last + 1);
      const item = pool[index];
      pool[index] = pool[last];
      return item;
    });
  }

  private sampleByIndex<T>(items: readonly T[], count: number): T[] {
    const taken = new Set<number>();
    while (taken.size < count) {
      taken.add(this.below(items.length));
    }
    return [...taken].map((index) => items[index]);
  }

  /** An integer in [0, count), from as many of the highest bits as `count` has. */
  private below(count: number): number {
    const bits = 32 - Math.clz32(count);
    let value = this.next() >>> (32 - bits);
    while (value >= count) {
      value = this.next() >>> (32 - bits);
    }
    return value;
  }

  /** The next 32 bits. */
  private next(): number {
    if (this.position === SIZE) {
      this.refill();
    }
    let bits = this.state[this.position++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  private refill(): void {
    const { state } = this;
    for (let at = 0; at < SIZE; at++) {
      const bits = (state[at] & 0x80000000) | (state[(at + 1) % SIZE] & 0x7fffffff);
      state[at] = state[(at + MIDDLE) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }
}

/** Items up to which CPython copies the list rather than keep a set of what was taken. */
function setSize(count: number): number {
  return LEAST_SET_SIZE + (count > FEW_DRAWS ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
}

/** A seed as Python passes it on: 32 bits a word, the lowest first. */
function wordsOf(seed: number): number[] {
  return seed < 2 ** 32 ? [seed] : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

/** `init_by_array` of the reference implementation. */
function stateOf(key: readonly number[]): Uint32Array {
  const state = new Uint32Array(SIZE);
  const mixed = (at: number): number => state[at - 1] ^ (state[at - 1] >>> 30);
  state[0] = 19650218;
  for (let at = 1; at < SIZE; at++) {
    state[at] = Math.imul(1812433253, mixed(at)) + at;
  }
  let at = 1;
  const advance = (): void => {
    at++;
    if (at === SIZE) {
      state[0] = state[SIZE - 1];
      at = 1;
    }
  };
  for (let step = 0; step < Math.max(SIZE, key.length); step++) {
    const word = step % key.length;
    state[at] = (state[at] ^ Math.imul(mixed(at), 1664525)) + key[word] + word;
    advance();
  }
  for (let step = 1; step < SIZE; step++) {
    state[at] = (state[at] ^ Math.imul(mixed(at), 1566083941)) - at;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}
