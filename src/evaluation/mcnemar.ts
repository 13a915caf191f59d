import type { SplitMetrics } from './record.js';

/** What one classifier has right that another has not, on the same pictures. */
export interface PairedTest {
  /** Pictures that the one alone has right. */
  gained: number;
  /** Pictures that the other alone has right. */
  lost: number;
  /** How often chance alone parts as many pictures at least as unevenly, were both equally good; 0 to 1. */
  p: number;
}

/**
 * McNemar's exact test of two classifiers on the same pictures (McNemar, Psychometrika 12, 1947; for classifiers
 * Dietterich, Neural Computation 10, 1998): were both equally good, the pictures that one alone has right would be either's
 * by the toss of a coin. Two-sided, by the binomial distribution itself, so that it is sound for few pictures too. It
 * tells of other test pictures, not of another seed's training.
 */
export function mcnemar(one: SplitMetrics, other: SplitMetrics): PairedTest {
  const rightAlone = (first: SplitMetrics, second: SplitMetrics): number =>
    first.labels.filter((label, index) => first.said[index] === label && second.said[index] !== label).length;
  const [gained, lost] = [rightAlone(one, other), rightAlone(other, one)];
  return { gained, lost, p: Math.min(1, 2 * tail(Math.min(gained, lost), gained + lost)) };
}

/** Probability of at most `most` heads in `tosses` of a fair coin. In logarithms: 2^-tosses alone may be too small. */
function tail(most: number, tosses: number): number {
  let logarithm = -tosses * Math.LN2;
  let sum = Math.exp(logarithm);
  for (let heads = 1; heads <= most; heads++) {
    logarithm += Math.log((tosses - heads + 1) / heads);
    sum += Math.exp(logarithm);
  }
  return sum;
}
