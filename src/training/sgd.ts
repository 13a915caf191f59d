import * as tf from '@tensorflow/tfjs-core';
import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { mustHold } from '../must_hold.js';
import { SlotOptimizer, type VariableStep } from './slot_optimizer.js';

/** Settings of {@link PromptSgd}; the defaults are those of the official MaPLe, CoOp and CoCoOp runs. */
export interface PromptSgdArgs {
  /** Step size. A schedule may change it later (`LearningRateSchedule`). */
  learningRate: number;
  /** Share of the velocity that stays from step to step, in [0, 1). Defaults to 0.9. */
  momentum?: number;
  /** Share of the weight that is added to its gradient. Defaults to 5e-4. */
  weightDecay?: number;
}

const ARGS: SettingNames<PromptSgdArgs> = { learningRate: true, momentum: true, weightDecay: true };

/**
 * Stochastic gradient descent with momentum and L2 weight decay, with the numbers of PyTorch's `torch.optim.SGD`:
 * v = momentum * v + (gradient + weightDecay * p); p -= lr * v. No Nesterov step and no dampening. tfjs's own
 * `tf.train.momentum` is the same without the decay.
 */
export class PromptSgd extends SlotOptimizer {
  /** @nocollapse */
  static readonly className = 'MaplePromptSgd';

  private readonly momentum: number;
  private readonly weightDecay: number;

  /** @throws MapleError for a setting out of its range */
  constructor(args: PromptSgdArgs) {
    checkKnown('promptSgd', args, ARGS);
    super(args.learningRate, ['momentum']);
    this.momentum = args.momentum ?? 0.9;
    this.weightDecay = args.weightDecay ?? 5e-4;
    mustHold('momentum', this.momentum, this.momentum >= 0 && this.momentum < 1, 'in [0, 1)');
    mustHold('weightDecay', this.weightDecay, this.weightDecay >= 0, 'a number of 0 or more');
  }

  protected override move(steps: readonly VariableStep[]): void {
    const [momentum, decay, step] = [this.momentum, this.weightDecay, -this.learningRate].map((v) => tf.scalar(v));
    for (const { variable, gradient: own, slots } of steps) {
      const [velocity] = slots;
      const gradient = this.weightDecay > 0 ? tf.add(own, tf.mul(variable, decay)) : own;
      velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
      variable.assign(tf.add(variable, tf.mul(velocity, step)));
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, momentum: this.momentum, weightDecay: this.weightDecay };
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
