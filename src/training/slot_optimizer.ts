import * as tf from '@tensorflow/tfjs-core';
import { mustHold } from '../must_hold.js';
import { type NamedTensor, namedGradients, OptimizerSlots, type Slots } from './optimizer_slots.js';

/** A variable at a step: its gradient, and what the optimiser keeps for it. */
export interface VariableStep {
  variable: tf.Variable;
  gradient: tf.Tensor;
  slots: Slots;
}

/**
 * What the optimisers here have in common: state by variable name, which goes through `getWeights` and `setWeights`, so
 * that training continues exactly where it stopped, and a step size that can be changed between steps.
 */
export abstract class SlotOptimizer extends tf.Optimizer {
  /** The step size in use; change it with `setLearningRate`. */
  learningRate: number;
  private readonly slots: OptimizerSlots;

  /** @param slotNames - what is kept of each variable, as in `block/kernel/momentum` */
  constructor(learningRate: number, slotNames: readonly string[]) {
    super();
    mustHold('learningRate', learningRate, learningRate >= 0, 'a number of 0 or more');
    this.learningRate = learningRate;
    this.slots = new OptimizerSlots(slotNames);
  }

  /** Sets the step size of the steps to come. */
  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  /** Moves the variables one step; variables without a gradient stay as they are. */
  override applyGradients(variableGradients: tf.NamedTensorMap | NamedTensor[]): void {
    const gradients = namedGradients(variableGradients);
    const variables = gradients.map(({ name }) => tf.engine().registeredVariables[name]);
    this.slots.adopt(variables);
    this.incrementIterations();
    const steps = variables.map((variable, index) => ({
      variable,
      gradient: gradients[index].tensor,
      slots: this.slots.get(variable),
    }));
    tf.tidy(() => this.move(steps));
  }

  override dispose(): void {
    this.slots.dispose();
  }

  /** The number of steps taken, then each slot of every variable. */
  override async getWeights(): Promise<NamedTensor[]> {
    return [await this.saveIterations(), ...this.slots.save()];
  }

  /** Takes over what `getWeights` returned, in this process or from a file. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    this.slots.restore(await this.extractIterations(weightValues));
  }

  /**
   * Makes the optimiser of a saved configuration; `tf.loadLayersModel` calls it.
   * @nocollapse
   */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new cls(config);
  }

  /** Assigns the variables and their slots the next values, within a tidy. */
  protected abstract move(steps: readonly VariableStep[]): void;
}
