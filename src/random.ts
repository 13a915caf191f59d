import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * The only source of random numbers: one seed, and named streams forked from it. A stream depends on the seed and
 * its keys alone, not on what was drawn before, so that adding a draw in one place changes no other.
 */
export class Random {
  private readonly generator: RandomGenerator;

  /**
   * @param seed - any integer; runs of equal seed are equal
   */
  constructor(readonly seed: number) {
    this.generator = xoroshiro128plus(seed | 0);
  }

  /** An independent stream named by `keys`, e.g. `random.fork('scene', className, 3)`. */
  fork(...keys: (string | number)[]): Random {
    return new Random(hash(this.seed, keys));
  }

  /** A number in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.generator);
  }

  /** An integer in [0, count). */
  integer(count: number): number {
    return uniformInt(this.generator, 0, count - 1);
  }

  /** True with probability `probability`. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** A normally distributed number (Box and Muller). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of `items`, each as likely. */
  choice<T>(items: readonly T[]): T {
    return items[this.integer(items.length)];
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [result[last], result[other]] = [result[other], result[last]];
    }
    return result;
  }
}

/** FNV-1a over the seed and keys, then Murmur3's finaliser, so that near keys give far seeds. */
function hash(seed: number, keys: readonly (string | number)[]): number {
  let state = 0x811c9dc5 ^ seed;
  for (const character of keys.map((key) => `${typeof key}:${key}`).join('\u0000')) {
    state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) | 0;
}
