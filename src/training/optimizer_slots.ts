import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';

/** A tensor and its name, the form in which tfjs hands optimisers gradients and state. */
export type NamedTensor = Parameters<tf.Optimizer['setWeights']>[0][number];

/** Gradients in either form that tfjs uses, as a list; those that are missing are left out. */
export function namedGradients(gradients: tf.NamedTensorMap | NamedTensor[]): NamedTensor[] {
  const named = Array.isArray(gradients)
    ? gradients
    : Object.keys(gradients).map((name) => ({ name, tensor: gradients[name] }));
  return named.filter(({ tensor }) => tensor !== undefined && tensor !== null);
}

/** What an optimiser keeps for one variable: as many tensors as the optimiser has slots, each of the variable's shape. */
export type Slots = tf.Variable[];

/**
 * The state of an optimiser, by variable name. It differs from the positional arrays of tfjs's own optimisers in that a
 * step may leave variables out. State read from a file waits until the first step tells which variables it belongs to:
 * by name if every name agrees, else by order (tfjs renames the variables of a second model in one process).
 */
export class OptimizerSlots {
  private readonly live = new Map<string, Slots>();
  private waiting = new Map<string, Slots>();

  /** @param names - one name a slot, as in `block/kernel/momentum` */
  constructor(private readonly names: readonly string[]) {}

  /** Gives `variables` their slots: restored ones if any wait, else zeros. Call at each step, before `get`. */
  adopt(variables: readonly tf.Variable[]): void {
    if (this.waiting.size > 0) {
      this.assignWaiting(variables);
    }
    for (const variable of variables) {
      if (!this.live.has(variable.name)) {
        const zeros = this.names.map(() => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
        this.live.set(variable.name, zeros);
      }
    }
  }

  /** The slots of an adopted variable. */
  get(variable: tf.Variable): Slots {
    return this.live.get(variable.name) as Slots;
  }

  /** The state as named tensors, slot by slot; the tensors stay the optimiser's own. */
  save(): NamedTensor[] {
    const held = this.waiting.size > 0 ? this.waiting : this.live;
    return this.names.flatMap((slot, index) =>
      [...held].map(([name, slots]) => ({ name: `${name}/${slot}`, tensor: slots[index] })),
    );
  }

  /**
   * Takes over the state that `save` returned; the given tensors may be disposed afterwards.
   * @throws MapleError if the tensors are not this optimiser's
   */
  restore(weights: readonly NamedTensor[]): void {
    const count = weights.length / this.names.length;
    const restored = new Map<string, Slots>();
    weights.forEach(({ name, tensor }, index) => {
      const suffix = `/${this.names[Math.floor(index / count)]}`;
      if (!Number.isInteger(count) || !name.endsWith(suffix)) {
        throw new MapleError(
          `The optimiser's saved state must hold ${this.names.join(' and ')} of each variable. ` +
            `Received: ${weights.length} tensors, ${name} at place ${index}. Load the state of the same optimiser.`,
        );
      }
      const variable = name.slice(0, -suffix.length);
      restored.set(variable, [...(restored.get(variable) ?? []), tf.variable(tensor, false)]);
    });
    this.dispose();
    this.waiting = restored;
  }

  dispose(): void {
    for (const slots of [...this.live.values(), ...this.waiting.values()]) {
      tf.dispose(slots);
    }
    this.live.clear();
    this.waiting = new Map();
  }

  private assignWaiting(variables: readonly tf.Variable[]): void {
    const saved = [...this.waiting.values()];
    const byName = variables.every((variable) => this.waiting.has(variable.name));
    variables.forEach((variable, index) => {
      const slots = byName ? this.waiting.get(variable.name) : saved[index];
      const matches = slots !== undefined && tf.util.arraysEqual(slots[0].shape, variable.shape);
      if (!matches || saved.length !== variables.length) {
        throw new MapleError(
          `The optimiser's restored state must fit the variables that are trained. Received: state of ${saved.length} ` +
            `variables, ${variables.length} to train, shape [${slots?.[0].shape ?? 'none'}] for ${variable.name} of shape ` +
            `[${variable.shape}]. Load the model that the state was saved with.`,
        );
      }
    });
    variables.forEach((variable, index) => {
      this.live.set(variable.name, (byName ? this.waiting.get(variable.name) : saved[index]) as Slots);
    });
    this.waiting = new Map();
  }
}
