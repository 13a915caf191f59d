/** A share as a percentage with one decimal, without the sign: 0.6284 -> `62.8`. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A mean and the deviation of what it is of, both shares: `62.8 ± 0.4`; without the deviation of a single value. */
export function percentWithDeviation({ mean, deviation, count }: Score): string {
  return count > 1 ? `${percent(mean)} ± ${percent(deviation)}` : percent(mean);
}

/** A difference of shares in percentage points, with its sign: `+2.6`, `−1.0`, `0.0`. */
export function signedPoints(difference: number): string {
  const size = Math.abs(100 * difference).toFixed(1);
  return size === '0.0' ? size : `${difference > 0 ? '+' : '−'}${size}`;
}

/** A whole number with commas: `3,555,072`. */
export function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

/** The size of a difference of two shares, in percentage points: `2.6 points`, `1.0 point`. */
export function points(difference: number): string {
  const size = Math.abs(100 * difference).toFixed(1);
  return `${size} ${size === '1.0' ? 'point' : 'points'}`;
}

/** `one seed`, `3 seeds`. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `one ${noun}` : `${thousands(count)} ${noun}s`;
}

/** What numbers with a deviation are: `the mean of 3 seeds ± their standard deviation`, `of one seed`. */
export function meanOver(seeds: number): string {
  return seeds > 1 ? `the mean of ${counted(seeds, 'seed')} ± their standard deviation` : 'of one seed';
}

/** Words joined as in a sentence: `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** A mean over seeds. */
export interface Score {
  mean: number;
  /** Standard deviation over the seeds, the population's. */
  deviation: number;
  /** Number of seeds. */
  count: number;
}
