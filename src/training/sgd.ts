import * as tf from '@tensorflow/tfjs-core';
import { mustHold } from '../must_hold.js';
import { type NamedTensor, namedGradients, OptimizerSlots } from './optimizer_slots.js';

/** Settings of {@link PromptSgd}; the defaults are those of the official MaPLe, CoOp and CoCoOp runs. */
export interface PromptSgdArgs {
  /** Step size. A schedule may change it later (`LearningRateSchedule`). */
  learningRate: number;
  /** Share of the velocity that stays from step to step, in [0, 1). Defaults to 0.9. */
  momentum?: number;
  /** Share of the weight that is added to its gradient. Defaults to 5e-4. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum and L2 weight decay, with the numbers of PyTorch's `torch.optim.SGD`:
 * v = momentum * v + (gradient + weightDecay * p); p -= lr * v. No Nesterov step and no dampening. tfjs's own
 * `tf.train.momentum` is the same without the decay.
 */
export class PromptSgd extends tf.Optimizer {
  /** @nocollapse */
  static readonly className = 'MaplePromptSgd';

  /** The step size in use; change it with `setLearningRate`. */
  learningRate: number;
  private readonly momentum: number;
  private readonly weightDecay: number;
  private readonly slots = new OptimizerSlots(['momentum']);

  /** @throws MapleError for a setting out of its range */
  constructor(args: PromptSgdArgs) {
    super();
    this.learningRate = args.learningRate;
    this.momentum = args.momentum ?? 0.9;
    this.weightDecay = args.weightDecay ?? 5e-4;
    mustHold('learningRate', this.learningRate, this.learningRate >= 0, 'a number of 0 or more');
    mustHold('momentum', this.momentum, this.momentum >= 0 && this.momentum < 1, 'in [0, 1)');
    mustHold('weightDecay', this.weightDecay, this.weightDecay >= 0, 'a number of 0 or more');
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
    tf.tidy(() => {
      const [momentum, decay, step] = [this.momentum, this.weightDecay, -this.learningRate].map((v) => tf.scalar(v));
      gradients.forEach(({ tensor }, index) => {
        const variable = variables[index];
        const [velocity] = this.slots.get(variable);
        const gradient = this.weightDecay > 0 ? tf.add(tensor, tf.mul(variable, decay)) : tensor;
        velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
        variable.assign(tf.add(variable, tf.mul(velocity, step)));
      });
    });
  }

  override dispose(): void {
    this.slots.dispose();
  }

  /** The number of steps taken, then the velocity of every variable. */
  override async getWeights(): Promise<NamedTensor[]> {
    return [await this.saveIterations(), ...this.slots.save()];
  }

  /** Takes over what `getWeights` returned, in this process or from a file. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    this.slots.restore(await this.extractIterations(weightValues));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, momentum: this.momentum, weightDecay: this.weightDecay };
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
}
tf.serialization.registerClass(PromptSgd);

/**
 * The optimiser of the paper's recipes, for `model.compile`.
 *
 * ```js
 * model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: tf.losses.softmaxCrossEntropy });
 * ```
 */
export function promptSgd(args: PromptSgdArgs): PromptSgd {
  return new PromptSgd(args);
}
