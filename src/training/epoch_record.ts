/** One epoch of a training. */
export interface EpochRecord {
  epoch: number;
  learningRate: number;
  /** Mean over the epoch's batches. */
  loss: number;
  /** Share of the epoch's augmented pictures that were classified right. */
  accuracy: number;
}
