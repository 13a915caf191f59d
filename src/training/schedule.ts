import * as tfl from '@tensorflow/tfjs-layers';
import { mustHold } from '../must_hold.js';
import { SCHEDULE_NAMES, type ScheduleName } from './recipe.js';

/** What {@link learningRateAt} needs; a `Recipe` has it all. */
export interface ScheduleSettings {
  /** The highest rate, that of epoch 1. */
  learningRate: number;
  /** Number of epochs of the whole run. */
  epochs: number;
  /** The rate of epoch 0. Defaults to 1e-5. */
  warmupLearningRate?: number;
  /** `constant`: `learningRate` in every epoch, without warm-up. Defaults to `cosine`. */
  schedule?: ScheduleName;
}

/**
 * The learning rate of an epoch in the official training engine: epoch 0 is a constant warm-up, epoch e >= 1 has
 * learningRate * (1 + cos(pi * (e - 1) / epochs)) / 2. So a run of 5 epochs at 0.0035 takes 1e-5, 0.0035, 0.0031658,
 * 0.0022908, 0.0012092, and never reaches 0.
 * @param epoch - counted from 0
 * @throws MapleError for an epoch or setting out of its range
 */
export function learningRateAt(epoch: number, settings: ScheduleSettings): number {
  const { learningRate, epochs, warmupLearningRate = 1e-5, schedule = 'cosine' } = settings;
  mustHold('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a positive integer');
  mustHold('epoch', epoch, Number.isInteger(epoch) && epoch >= 0, 'an integer of 0 or more');
  mustHold('learningRate', learningRate, learningRate > 0, 'a positive number');
  mustHold('warmupLearningRate', warmupLearningRate, warmupLearningRate >= 0, 'a number of 0 or more');
  mustHold('schedule', schedule, SCHEDULE_NAMES.includes(schedule), SCHEDULE_NAMES.join(' or '));
  if (schedule === 'constant') {
    return learningRate;
  }
  return epoch === 0 ? warmupLearningRate : (learningRate * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
}

/**
 * Sets the optimiser's learning rate when an epoch begins, and keeps a record of what it set.
 *
 * ```js
 * const schedule = new LearningRateSchedule({ learningRate: 0.0035, epochs: 5 });
 * await model.fitDataset(batches, { epochs: 5, callbacks: [schedule] });
 * schedule.history; // [0.00001, 0.0035, 0.0031658..., 0.0022908..., 0.0012092...]
 * ```
 */
export class LearningRateSchedule extends tfl.Callback {
  /** The rate of each epoch begun so far, by epoch. */
  readonly history: number[] = [];
  private readonly rateAt: (epoch: number) => number;

  /**
   * @param schedule - the settings of {@link learningRateAt}, or a function of the epoch (from 0) of your own
   * @throws MapleError for a setting out of its range
   */
  constructor(schedule: ScheduleSettings | ((epoch: number) => number)) {
    super();
    this.rateAt = typeof schedule === 'function' ? schedule : (epoch) => learningRateAt(epoch, schedule);
    this.rateAt(0);
  }

  /** @throws MapleError when the optimiser's learning rate cannot be set */
  override async onEpochBegin(epoch: number): Promise<void> {
    const optimizer = this.model.optimizer as Partial<{ setLearningRate(rate: number): void }>;
    mustHold(
      'optimizer',
      this.model.optimizer.getClassName(),
      optimizer.setLearningRate !== undefined,
      'one with setLearningRate, such as promptSgd, adamW or tf.train.sgd',
    );
    this.history[epoch] = this.rateAt(epoch);
    optimizer.setLearningRate?.(this.history[epoch]);
  }
}
