import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';

/** A training's loss is no longer a number: its weights are spoilt, those of other trainings are not. */
export class LossError extends MapleError {}

/**
 * Stops a training whose loss is no longer a number, as every later step would only spoil the weights further.
 * @throws LossError (from `fit` or `fitDataset`) naming the epoch, the batch and the learning rate
 */
export class NanGuard extends tfl.Callback {
  private epoch = 0;

  /** Notes the epoch, for the message. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.epoch = epoch;
  }

  /** @throws LossError when the batch's loss is no finite number */
  override async onBatchEnd(batch: number, logs?: Record<string, number | tf.Scalar>): Promise<void> {
    const loss = logs?.loss;
    const value = typeof loss === 'object' ? (await loss.data())[0] : loss;
    if (value === undefined || Number.isFinite(value)) {
      return;
    }
    // After an error fit no longer frees them.
    tf.dispose(Object.values(logs as Record<string, number | tf.Scalar>).filter((entry) => typeof entry === 'object'));
    const { learningRate } = this.model.optimizer.getConfig();
    throw new LossError(
      `The loss must be a finite number. Received: ${value} in epoch ${this.epoch}, batch ${batch} (both counted from ` +
        `0), at learning rate ${String(learningRate)}. The weights are spoilt: build the model again and train with a ` +
        `lower learning rate; if it is the very first batch, look for pictures or weights that are not finite.`,
    );
  }
}
