import type { Timing } from './record.js';

/** What is timed. */
export type Run = () => Promise<void>;

/** Times a run in turn with a reference; the first repetition of both, which sets things up, does not count. */
export async function timeInTurn(reference: Run, run: Run, repeats: number): Promise<Timing> {
  const seconds: number[] = [];
  const ratios: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const before = await time(reference);
    const taken = await time(run);
    if (repeat > 0) {
      seconds.push(taken);
      ratios.push(taken / before);
    }
  }
  return { seconds, median: median(seconds), ratio: median(ratios) };
}

async function time(run: Run): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
