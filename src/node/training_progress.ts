import type { Scalar } from '@tensorflow/tfjs-core';
import { Callback } from '@tensorflow/tfjs-layers';
import { ProgressBar, type ProgressBarArgs, type ProgressFields } from './progress.js';

type Logs = Record<string, number | Scalar>;

/**
 * Shows one bar over a whole `fit` or `fitDataset`: epoch, batch, the epoch's mean loss and accuracy so far, and time left.
 *
 * ```js
 * const progress = new TrainingProgress('Tuning MaPLe');
 * await progress.watch(model.fitDataset(batches, { epochs: 5, verbose: 0, callbacks: [progress] }));
 * ```
 */
export class TrainingProgress extends Callback {
  private bar?: ProgressBar;
  private epoch = 0;
  private firstEpoch = 0;
  private seen = 0;
  private totals = new Map<string, number>();

  /**
   * @param label - what is shown before the bar
   * @param options - another stream than standard error
   */
  constructor(
    private readonly label = 'Training',
    private readonly options: Pick<ProgressBarArgs, 'stream'> = {},
  ) {
    super();
  }

  /**
   * Awaits the training and ends the bar, also when the training fails (tfjs tells callbacks nothing about errors).
   * @returns what `training` gives
   */
  async watch<T>(training: Promise<T>): Promise<T> {
    try {
      return await training;
    } finally {
      this.stop();
    }
  }

  /** Ends the bar where it stands. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  /** Ends the bar of a training before this one. */
  override async onTrainBegin(): Promise<void> {
    this.stop();
  }

  /** Starts the bar with the first epoch, and the means anew with each. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.epoch = epoch;
    this.seen = 0;
    this.totals = new Map();
    if (this.bar === undefined) {
      this.firstEpoch = epoch;
      const total = (Number(this.params.epochs) - epoch) * this.steps();
      this.bar = new ProgressBar({ label: this.label, total, least: ['batch', 'epoch'], ...this.options });
    }
  }

  /** Moves the bar one batch on and shows the epoch's means so far. */
  override async onBatchEnd(batch: number, logs: Logs = {}): Promise<void> {
    const size = Number(logs.size ?? 1);
    this.seen += size;
    const fields: ProgressFields = {
      epoch: `${this.epoch + 1}/${Number(this.params.epochs)}`,
      batch: `${batch + 1}/${this.steps()}`,
    };
    for (const name of Object.keys(logs).filter((key) => key !== 'batch' && key !== 'size')) {
      const value = logs[name];
      // Read, but left to tfjs to dispose: other callbacks need it too.
      const total = (this.totals.get(name) ?? 0) + size * (typeof value === 'number' ? value : (await value.data())[0]);
      this.totals.set(name, total);
      fields[name === 'acc' ? 'accuracy' : name] = written(name, total / this.seen);
    }
    this.bar?.update((this.epoch - this.firstEpoch) * this.steps() + batch + 1, fields);
    // Training on data in memory never returns to the event loop by itself, and then the bar could not redraw.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends the bar. */
  override async onTrainEnd(): Promise<void> {
    this.stop();
  }

  /** Batches an epoch: known of a data set with a size, and of `fit` from its samples. */
  private steps(): number {
    const { steps, samples, batchSize } = this.params;
    return Number(steps ?? Math.ceil(Number(samples) / Number(batchSize)));
  }
}

function written(name: string, value: number): string {
  return /acc/i.test(name) ? `${(100 * value).toFixed(1)}%` : value.toPrecision(4);
}
