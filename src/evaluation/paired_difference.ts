import { Random } from '../random.js';
import type { SplitMetrics } from './record.js';

/** A difference of two accuracies on the same pictures, as shares. */
export interface PairedDifference {
  difference: number;
  /** Ends of the 95% interval. */
  low: number;
  high: number;
}

const REPEATS = 2000;

/**
 * How much more of the same pictures one classifier has right than another, and what other pictures of the kind would
 * give: a paired bootstrap over the pictures, so that what makes a picture hard for both does not count as chance.
 */
export function pairedDifference(one: SplitMetrics, other: SplitMetrics): PairedDifference {
  const gains = one.labels.map(
    (label, index) => Number(one.said[index] === label) - Number(other.said[index] === label),
  );
  const random = new Random(1).fork('paired difference');
  const means = Float64Array.from({ length: REPEATS }, () => {
    let sum = 0;
    for (let draw = 0; draw < gains.length; draw++) {
      sum += gains[random.integer(gains.length)];
    }
    return sum / gains.length;
  }).sort();
  const at = (share: number): number => means[Math.round(share * (REPEATS - 1))];
  return { difference: one.accuracy - other.accuracy, low: at(0.025), high: at(0.975) };
}
