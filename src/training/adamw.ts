import * as tf from '@tensorflow/tfjs-core';
import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { mustHold } from '../must_hold.js';
import { SlotOptimizer, type VariableStep } from './slot_optimizer.js';

/** Settings of {@link AdamW}. */
export interface AdamWArgs {
  /** Step size. */
  learningRate: number;
  /** Decay of the mean of gradients, in [0, 1). Defaults to 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). Defaults to 0.999. */
  beta2?: number;
  /** Added to the root of the second moment. Defaults to 1e-8. */
  epsilon?: number;
  /** Share of a weight that goes each step, times the learning rate. Defaults to 0.01. */
  weightDecay?: number;
  /** Largest length of all gradients taken as one vector; longer ones are scaled down to it. Defaults to no limit. */
  clipNorm?: number | null;
  /**
   * Which variables decay. Defaults to those of rank 2 and more: kernels and embeddings, but neither biases nor norms.
   * A function cannot be saved: give it again to an optimiser that was loaded.
   */
  decays?: (variableName: string) => boolean;
}

const ARGS: SettingNames<AdamWArgs> = {
  learningRate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  clipNorm: true,
  decays: true,
};

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019), with the
 * numbers of PyTorch's `torch.optim.AdamW`: p -= lr * weightDecay * p; p -= lr * mHat / (sqrt(vHat) + epsilon). Its state
 * goes through `getWeights` and `setWeights`, so that training continues exactly where it stopped.
 */
export class AdamW extends SlotOptimizer {
  /** @nocollapse */
  static readonly className = 'MapleAdamW';

  /** Which variables decay; see {@link AdamWArgs.decays}. */
  decays?: (variableName: string) => boolean;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly weightDecay: number;
  private readonly clipNorm: number | null;

  /** @throws MapleError for a setting out of its range */
  constructor(args: AdamWArgs) {
    checkKnown('adamW', args, ARGS);
    super(args.learningRate, ['m', 'v']);
    this.beta1 = args.beta1 ?? 0.9;
    this.beta2 = args.beta2 ?? 0.999;
    this.epsilon = args.epsilon ?? 1e-8;
    this.weightDecay = args.weightDecay ?? 0.01;
    this.clipNorm = args.clipNorm ?? null;
    this.decays = args.decays;
    mustHold('beta1', this.beta1, this.beta1 >= 0 && this.beta1 < 1, 'in [0, 1)');
    mustHold('beta2', this.beta2, this.beta2 >= 0 && this.beta2 < 1, 'in [0, 1)');
    mustHold('epsilon', this.epsilon, this.epsilon > 0, 'a positive number');
    mustHold('weightDecay', this.weightDecay, this.weightDecay >= 0, 'a number of 0 or more');
    mustHold('clipNorm', this.clipNorm, this.clipNorm === null || this.clipNorm > 0, 'a positive number or left out');
  }

  protected override move(steps: readonly VariableStep[]): void {
    const clip = this.clipNorm === null ? undefined : clipFactor(steps, this.clipNorm);
    // m / (1 - beta1^t) and v / (1 - beta2^t) are folded into the step and epsilon: four kernels fewer a variable.
    const correction = Math.sqrt(1 - this.beta2 ** this.iterations);
    const scalars = {
      beta1: tf.scalar(this.beta1),
      rest1: tf.scalar(1 - this.beta1),
      beta2: tf.scalar(this.beta2),
      rest2: tf.scalar(1 - this.beta2),
      epsilon: tf.scalar(this.epsilon * correction),
      step: tf.scalar((-this.learningRate * correction) / (1 - this.beta1 ** this.iterations)),
      keep: tf.scalar(1 - this.learningRate * this.weightDecay),
    };
    for (const { variable, gradient: whole, slots } of steps) {
      // A scope a variable: the temporaries of one are gone before the next.
      tf.tidy(() => {
        const [m, v] = slots;
        const gradient = clip === undefined ? whole : tf.mul(whole, clip);
        m.assign(tf.add(tf.mul(m, scalars.beta1), tf.mul(gradient, scalars.rest1)));
        v.assign(tf.add(tf.mul(v, scalars.beta2), tf.mul(tf.square(gradient), scalars.rest2)));
        const move = tf.mul(tf.div(m, tf.add(tf.sqrt(v), scalars.epsilon)), scalars.step);
        const decayed = this.weightDecay > 0 && (this.decays?.(variable.name) ?? variable.rank >= 2);
        variable.assign(tf.add(decayed ? tf.mul(variable, scalars.keep) : variable, move));
      });
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      learningRate: this.learningRate,
      beta1: this.beta1,
      beta2: this.beta2,
      epsilon: this.epsilon,
      weightDecay: this.weightDecay,
      clipNorm: this.clipNorm,
    };
  }
}
tf.serialization.registerClass(AdamW);

/**
 * Adam with decoupled weight decay, for `model.compile` or `minimize`.
 *
 * ```js
 * model.compile({ optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.1 }), loss: tf.losses.softmaxCrossEntropy });
 * ```
 */
export function adamW(args: AdamWArgs): AdamW {
  return new AdamW(args);
}

/** min(1, clipNorm / length of all gradients), as a tensor: reading it would stop the device at every step. */
function clipFactor(steps: readonly VariableStep[], clipNorm: number): tf.Tensor {
  return tf.tidy(() => {
    const squares = tf.addN(steps.map(({ gradient }) => tf.sum(tf.square(gradient))));
    return tf.minimum(tf.div(clipNorm, tf.add(tf.sqrt(squares), 1e-6)), 1);
  });
}
