import { type Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkKnown, shown, type SettingNames } from './known_names.js';

/** What every tfjs layer takes: `name`, `trainable`, `inputShape`, ... (tfjs does not export the type itself). */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** The names of {@link LayerArgs}. */
const LAYER_ARGS: SettingNames<LayerArgs> = {
  name: true,
  trainable: true,
  dtype: true,
  inputShape: true,
  batchInputShape: true,
  batchSize: true,
  weights: true,
  inputDType: true,
};

/**
 * Refuses arguments that a layer does not know, which nobody would read. What it knows is what it tells of itself.
 * @throws MapleError naming the argument
 */
export function checkArgs(kind: string, layer: layers.Layer, args: object = {}): void {
  const own = Object.keys(layer.getConfig()).map((name) => [name, true] as const);
  checkKnown(kind, args, { ...Object.fromEntries(own), ...LAYER_ARGS });
}

/**
 * Checks an argument that counts something.
 * @throws MapleError when `value` is no integer of at least `least`
 */
export function checkCount(layer: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new MapleError(`${layer}: \`${name}\` must be an integer of at least ${least}. Received: ${shown(value)}.`);
  }
}

/**
 * Checks an argument that is a positive amount: an epsilon, a deviation.
 * @throws MapleError when `value` is no positive number
 */
export function checkPositive(layer: string, name: string, value: number): void {
  if (!(value > 0)) {
    throw new MapleError(`${layer}: \`${name}\` must be a positive number. Received: ${shown(value)}.`);
  }
}

/**
 * Checks an argument that names one of several choices.
 * @throws MapleError listing the choices
 */
export function checkChoice(layer: string, name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    throw new MapleError(`${layer}: \`${name}\` must be one of ${choices.join(', ')}. Received: ${shown(value)}.`);
  }
}

/** The input shapes of a layer as a list, however many inputs it has. */
export function shapeList(shape: Shape | Shape[]): Shape[] {
  return Array.isArray(shape[0]) ? (shape as Shape[]) : [shape as Shape];
}

/** The inputs of a call as a list, however many there are. */
export function inputList(inputs: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(inputs) ? inputs : [inputs];
}

/**
 * Checks how many inputs a layer is applied to, and their ranks.
 * @throws MapleError naming the layer, the shapes it takes and those it was given
 */
export function checkInputs(layer: string, shape: Shape | Shape[], ...accepted: number[][]): Shape[] {
  const shapes = shapeList(shape);
  const fits = accepted.some(
    (ranks) => ranks.length === shapes.length && ranks.every((rank, i) => shapes[i].length === rank),
  );
  if (!fits) {
    const expected = accepted.map((ranks) => `${ranks.length} input(s) of rank ${ranks.join(', ')}`).join(' or ');
    throw new MapleError(`${layer} takes ${expected}. Received: ${JSON.stringify(shapes)}.`);
  }
  return shapes;
}

/**
 * Checks that rows of tokens [N, L, d] have room for a prompt.
 * @throws MapleError when they are too short
 */
export function checkRoom(layer: string, shape: Shape, start: number, length: number): void {
  if ((shape[1] ?? Infinity) < start + length) {
    throw new MapleError(
      `${layer}: ${length} prompt vectors from position ${start} on need at least ${start + length} tokens. ` +
        `Received: ${JSON.stringify(shape)}. Use a smaller \`length\`.`,
    );
  }
}
