import type { Timing } from './record.js';

/** What is timed. */
export type Run = () => Promise<void>;

/**
 * Times a run in turn with a reference; the first repetition of both, which sets things up, does not count.
 * @param onRun - told after each of either
 */
export async function timeInTurn(reference: Run, run: Run, repeats: number, onRun?: () => void): Promise<Timing> {
  const timing = { seconds: [] as number[], reference: [] as number[] };
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const before = await time(reference);
    onRun?.();
    const taken = await time(run);
    onRun?.();
    if (repeat > 0) {
      timing.reference.push(before);
      timing.seconds.push(taken);
    }
  }
  const ratios = timing.seconds.map((taken, repeat) => taken / timing.reference[repeat]);
  return { ...timing, ratio: median(ratios) };
}

async function time(run: Run): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
