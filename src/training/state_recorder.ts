import * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { learnedVariables } from '../backbone/learned_layers.js';
import type { LearningRateSchedule } from './schedule.js';
import type { NamedValues, PartialEpoch, TrainingSettings, TrainingState } from './training_state.js';
import type { EpochRecord } from './epoch_record.js';

/** What {@link StateRecorder} is told. */
export interface StateRecorderArgs {
  settings: TrainingSettings;
  schedule: LearningRateSchedule;
  /** Batches of a whole epoch. */
  batches: number;
  resumeFrom?: TrainingState;
  onState?: (state: TrainingState) => Promise<void> | void;
  signal?: AbortSignal;
}

/**
 * Keeps the history of a training, gives its state after each epoch, and stops it when the signal says so: after the
 * batch under way, with the state there.
 */
export class StateRecorder extends Callback {
  /** Of the epochs that are done, those before a stop included. */
  readonly history: EpochRecord[];
  private within: PartialEpoch;
  private readonly secondsBefore: number;
  private readonly started = performance.now();

  constructor(private readonly args: StateRecorderArgs) {
    super();
    const { resumeFrom } = args;
    this.history = [...(resumeFrom?.history ?? [])];
    this.within = resumeFrom?.within ?? nothing();
    this.secondsBefore = resumeFrom?.seconds ?? 0;
  }

  override async onBatchEnd(_batch: number, logs: Record<string, number | tf.Scalar> = {}): Promise<void> {
    const pictures = Number(logs.size);
    const [loss, accuracy] = await Promise.all([numberOf(logs.loss), numberOf(logs.acc)]);
    const { within } = this;
    // In double precision and not by tfjs' own means, which could not go on from a stop within an epoch.
    this.within = {
      batches: within.batches + 1,
      pictures: within.pictures + pictures,
      loss: within.loss + loss * pictures,
      accuracy: within.accuracy + accuracy * pictures,
    };
    if (this.args.signal?.aborted) {
      (this.model as LayersModel).stopTraining = true;
    }
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    const { batches, pictures, loss, accuracy } = this.within;
    if (batches >= this.args.batches) {
      const learningRate = this.args.schedule.history[epoch];
      this.history.push({ epoch, learningRate, loss: loss / pictures, accuracy: accuracy / pictures });
      this.within = nothing();
    }
    await this.args.onState?.(await this.state());
  }

  private async state(): Promise<TrainingState> {
    const model = this.model as LayersModel;
    const [iterations, ...slots] = await model.optimizer.getWeights();
    const steps = (await iterations.tensor.data())[0];
    iterations.tensor.dispose();
    return {
      settings: this.args.settings,
      epoch: this.history.length,
      ...(this.within.batches === 0 ? {} : { within: { ...this.within } }),
      history: [...this.history],
      seconds: this.secondsBefore + (performance.now() - this.started) / 1000,
      steps,
      weights: await Promise.all(
        learnedVariables(model).map((variable) => valuesOf(variable.originalName, variable.read())),
      ),
      optimizer: await Promise.all(slots.map(({ name, tensor }) => valuesOf(name, tensor))),
    };
  }
}

/**
 * Sets what the model has learned and the optimiser as a state has them; nothing when a tensor does not fit.
 * @throws MapleError naming it
 */
export async function restoreState(model: LayersModel, optimizer: tf.Optimizer, state: TrainingState): Promise<void> {
  const variables = learnedVariables(model);
  const names = variables.map(({ originalName, shape }) => `${originalName} [${shape.join(', ')}]`);
  const found = state.weights.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  const wrong = names.findIndex((name, index) => name !== found[index]);
  if (wrong >= 0 || names.length !== found.length) {
    throw new MapleError(
      `The training that is to go on must have the model's ${names.length} trained tensors. Received: ${found.length}` +
        (wrong < 0 ? '.' : `, ${found[wrong] ?? 'none'} in the place of ${names[wrong]}.`),
    );
  }
  tf.tidy(() => {
    variables.forEach((variable, index) => {
      const { values, shape } = state.weights[index];
      variable.write(tf.tensor(values, shape));
    });
  });
  const slots = state.optimizer.map(({ name, shape, values }) => ({ name, tensor: tf.tensor(values, shape) }));
  const weights = [{ name: 'iter', tensor: tf.scalar(state.steps, 'int32') }, ...slots];
  await optimizer.setWeights(weights);
  tf.dispose(weights.map(({ tensor }) => tensor));
}

async function valuesOf(name: string, tensor: tf.Tensor): Promise<NamedValues> {
  return { name, shape: tensor.shape, values: Float32Array.from(await tensor.data<'float32'>()) };
}

async function numberOf(value: number | tf.Scalar): Promise<number> {
  return typeof value === 'number' ? value : (await value.data())[0];
}

function nothing(): PartialEpoch {
  return { batches: 0, pictures: 0, loss: 0, accuracy: 0 };
}
