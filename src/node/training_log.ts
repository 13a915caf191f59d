import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scalar } from '@tensorflow/tfjs-core';
import { Callback } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { TrainingState } from '../training/training_state.js';
import { diskRemedy } from './disk_remedy.js';
import { openEventFile, type EventFile } from './event_files.js';

/** File of a training's log in its folder: a line of JSON an event. */
export const LOG_FILE = 'log.jsonl';
/** Folder of TensorBoard's event files. */
export const TENSORBOARD_FOLDER = 'tensorboard';
/** A batch's line is written at most so often, in milliseconds, and for the first batch of all. */
const BATCH_INTERVAL = 1000;

/** What happened, and with what figures. */
export type LogEvent = { event: string } & Record<string, unknown>;

/**
 * The log of a training: `log.jsonl` everywhere, and curves for TensorBoard where the backend is the native one. Lines
 * are added to what is there, each on the disk before the call returns.
 */
export class TrainingLog {
  /** Whether curves for TensorBoard are written. */
  readonly hasCurves: boolean;
  private readonly curves: EventFile | undefined;

  /** @param folder - of the training; must be there */
  constructor(private readonly folder: string) {
    this.curves = openEventFile(join(folder, TENSORBOARD_FOLDER));
    this.hasCurves = this.curves !== undefined;
  }

  /**
   * Adds an event, with the time.
   * @throws MapleError when the file cannot be written
   */
  add(event: LogEvent): void {
    const line = JSON.stringify({ ...event, time: new Date().toISOString() });
    try {
      appendFileSync(join(this.folder, LOG_FILE), `${line}\n`);
      this.curves?.flush();
    } catch (error) {
      throw new MapleError(`${join(this.folder, LOG_FILE)} cannot be written: ${diskRemedy(error)}`, { cause: error });
    }
  }

  /** Adds the epoch that a state ends with, or where it stopped. */
  addState({ epoch, within, history, seconds, settings }: TrainingState): void {
    const { epochs } = settings.recipe;
    if (within !== undefined) {
      this.add({ event: 'stopped', epoch, batch: within.batches, epochs, seconds });
      return;
    }
    const { loss, accuracy, learningRate } = history[epoch - 1];
    this.addCurves({ 'train/epoch_loss': loss, 'train/epoch_accuracy': accuracy }, epoch);
    this.add({ event: 'epoch', epoch: epoch - 1, epochs, loss, accuracy, learningRate, seconds });
  }

  /** Adds a point to curves; the next event takes them to the disk. */
  addCurves(values: Readonly<Record<string, number>>, step: number): void {
    Object.entries(values).forEach(([tag, value]) => this.curves?.scalar(tag, value, step));
  }

  /**
   * What tells the log of batches: every one for TensorBoard, one a second in `log.jsonl`.
   * @param firstStep - batches trained before a stop
   * @param firstBatch - of them, those of the epoch that goes on
   */
  batches(firstStep = 0, firstBatch = 0): Callback {
    return new BatchLog(this, firstStep, firstBatch);
  }
}

class BatchLog extends Callback {
  private epoch = 0;
  private began = performance.now();
  private written = -Infinity;

  constructor(
    private readonly log: TrainingLog,
    private step: number,
    private firstBatch: number,
  ) {
    super();
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    this.epoch = epoch;
  }

  override async onBatchBegin(): Promise<void> {
    this.began = performance.now();
  }

  override async onBatchEnd(batch: number, logs: Record<string, number | Scalar> = {}): Promise<void> {
    const [loss, accuracy] = await Promise.all([numberOf(logs.loss), numberOf(logs.acc)]);
    const now = performance.now();
    const { learningRate } = this.model.optimizer as unknown as { learningRate: number };
    this.step++;
    this.log.addCurves(
      { 'train/loss': loss, 'train/accuracy': accuracy, 'train/learning_rate': learningRate },
      this.step,
    );
    if (now - this.written >= BATCH_INTERVAL) {
      this.written = now;
      const seconds = (now - this.began) / 1000;
      const place = { epoch: this.epoch, batch: this.firstBatch + batch, step: this.step };
      this.log.add({ event: 'batch', ...place, loss, accuracy, learningRate, seconds });
    }
  }

  override async onEpochEnd(): Promise<void> {
    this.firstBatch = 0;
  }
}

async function numberOf(value: number | Scalar): Promise<number> {
  return typeof value === 'number' ? value : (await value.data())[0];
}
