import type * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Example } from '../../data/dataset.js';
import { LossError } from '../../training/nan_guard.js';
import { completeRecipe, type Recipe } from '../../training/recipe.js';
import type { TrainingState } from '../../training/training_state.js';
import { tunePrompts, type TunePromptsArgs } from '../../training/tune_prompts.js';
import type { SearchRung, ValidationFigures } from '../record.js';
import { guessReason } from './guessing.js';
import { measureOn } from './measure.js';
import { standardError } from './standard_error.js';

/** What all rungs of a search share. */
export interface RungContext extends Pick<TunePromptsArgs, 'seed' | 'signal' | 'loader'> {
  /** Built once: every rung sets its weights anew. */
  model: LayersModel;
  /** Its trained weights as they were built. */
  start: readonly tf.Tensor[];
  train: readonly Example[];
  validation: readonly Example[];
  /** Number of classes. */
  classes: number;
  /** Loss of zero-shot on the training pictures. */
  startLoss?: number;
  /** Progress bars and the like, for the training under way. */
  callbacks?: readonly Callback[];
}

/** A training that can be gone on with, epoch by epoch, as long as it is worth it. */
export class RungTraining {
  readonly record: SearchRung;
  /** The training as it was at each of `record.checked`. */
  readonly states: TrainingState[] = [];
  private state: TrainingState | undefined;

  constructor(
    readonly recipe: Recipe,
    private readonly context: RungContext,
  ) {
    const { optimizer, learningRate, batchSize, epochs } = completeRecipe(recipe);
    this.record = { optimizer, learningRate, batchSize, epochs, losses: [], checked: [] };
  }

  /** The figures of the epoch checked last. */
  get latest(): ValidationFigures | undefined {
    return this.record.checked[this.record.checked.length - 1];
  }

  /**
   * How much a training that has just begun has right: of the validation pictures and of the last epoch's training pictures,
   * which it has hardly learned by heart yet. Its loss says less: where the start is wrong and sure of it, a training that
   * collapses into guessing has the lowest.
   */
  get early(): number {
    const { pictures, accuracy } = this.latest as ValidationFigures;
    const trained = this.context.train.length;
    return (accuracy * pictures + this.learned * trained) / (pictures + trained);
  }

  /** How much the last epoch had right of the pictures it trained on. */
  get learned(): number {
    const { history } = this.state as TrainingState;
    return history[history.length - 1].accuracy;
  }

  /** The standard error of {@link early}. */
  get earlyError(): number {
    return standardError(this.early, (this.latest as ValidationFigures).pictures + this.context.train.length);
  }

  /**
   * Trains up to an epoch, and looks at the validation pictures there. A loss that is no number gives the rung up.
   * @returns whether it is still worth going on
   */
  async trainTo(epoch: number): Promise<boolean> {
    const { model, start, train: examples, seed, signal, loader, callbacks = [] } = this.context;
    if (this.state === undefined) {
      model.trainableWeights.forEach((variable, index) => variable.write(start[index]));
    }
    try {
      await tunePrompts({
        ...{ model, examples, recipe: this.recipe, seed, signal, loader, resumeFrom: this.state },
        callbacks: [new StopAfter(epoch), ...callbacks],
        onState: (state) => void (this.state = state),
      });
    } catch (error) {
      if (!(error instanceof LossError)) {
        throw error;
      }
      this.giveUp('its loss is no number any more');
      return false;
    }
    const { history } = this.state as unknown as TrainingState;
    this.record.losses = history.map(({ loss }) => loss);
    return true;
  }

  /** Looks at the validation pictures with what has been learned so far. */
  async check(): Promise<ValidationFigures> {
    const { model, validation, loader } = this.context;
    const figures = await measureOn(model, validation, { loader });
    this.record.checked.push({ epoch: this.record.losses.length, ...figures });
    this.states.push(this.state as TrainingState);
    return figures;
  }

  /**
   * Whether a training that has just begun seems to have collapsed: by its loss it guesses, and it has no more right than two
   * guesses a picture would. A loss alone may be on its way down from a start that was sure of what is wrong.
   */
  get collapsed(): boolean {
    return this.guessReason() !== undefined && this.early <= 1 - (1 - 1 / this.context.classes) ** 2;
  }

  /** Why the last epoch is no better than guessing, if it is not. */
  guessReason(): string | undefined {
    const { classes, startLoss } = this.context;
    return guessReason({ loss: this.record.losses[this.record.losses.length - 1], classes, startLoss });
  }

  /** Notes why the training is not gone on with. */
  giveUp(reason: string): void {
    this.record.givenUp = reason;
  }
}

/** Ends a training with an epoch, its schedule being that of a longer one. */
class StopAfter extends Callback {
  /** @param epochs - trained in all */
  constructor(private readonly epochs: number) {
    super();
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    if (epoch + 1 >= this.epochs) {
      (this.model as LayersModel).stopTraining = true;
    }
  }
}
