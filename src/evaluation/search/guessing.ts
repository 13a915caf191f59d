/** A loss of at least this share of a guess's is taken for one. */
const NEAR = 0.95;

/** What a training is judged by. */
export interface TrainingSigns {
  /** Mean loss of the epoch. */
  loss: number;
  /** Number of classes. */
  classes: number;
  /** Loss of the start, zero-shot's, on the same pictures. */
  startLoss?: number;
}

/**
 * Why a training has taught its model nothing, for people; undefined where it has taught it something. A model whose loss
 * is near ln(classes) knows no more than how many classes there are, and one that is worse than its start has unlearned
 * what it knew.
 */
export function guessReason({ loss, classes, startLoss = Infinity }: TrainingSigns): string | undefined {
  const guess = Math.log(classes);
  if (!(loss < NEAR * guess)) {
    return `a loss of ${loss.toFixed(2)}, where guessing among ${classes} classes has ${guess.toFixed(2)}`;
  }
  return loss > startLoss
    ? `a loss of ${loss.toFixed(2)}, above the ${startLoss.toFixed(2)} before the training`
    : undefined;
}
