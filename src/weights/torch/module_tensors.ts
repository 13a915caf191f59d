import { InertObject } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';
import { isTensor } from './torch_knowledge.js';
import type { TorchTensor } from './torch_tensor.js';

/** Names of a TorchScript class's parameters and buffers, or undefined when the archive does not say. */
export type TensorAttributes = (className: string) => ReadonlySet<string> | undefined;

const DEEPEST = 64;
/** A pickle can name one module many times. */
const MOST_VALUES = 1_000_000;

/**
 * The parameters and buffers of a module by their paths, as `state_dict()` would name them. Of a TorchScript module the
 * attributes are its class's; of a module pickled whole they are in three dictionaries.
 * @param root - an inert object with the module's attributes as its state
 * @param attributesOf - which attributes are parameters and buffers
 * @param fail - refuses the file
 */
export function moduleTensors(
  root: InertObject,
  attributesOf: TensorAttributes,
  fail: (problem: string) => never,
): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  let visited = 0;
  const visit = (module: InertObject, prefix: string, depth: number): void => {
    const inside = members(module, attributesOf);
    visited += 1 + inside.length;
    if (depth > DEEPEST || visited > MOST_VALUES) {
      fail(`its modules must not be nested deeper than ${DEEPEST} and have at most ${MOST_VALUES} attributes in all.`);
    }
    for (const [name, value] of inside) {
      const path = `${prefix}${name}`;
      if (isTensor(value)) {
        tensors.set(path, value);
      } else if (value instanceof InertObject) {
        visit(value, `${path}.`, depth + 1);
      }
    }
  };
  visit(root, '', 0);
  return tensors.size > 0
    ? tensors
    : fail(`it holds an object of ${root.className} without parameters. Save model.state_dict() instead.`);
}

/** Parameters, buffers and modules directly within a module. */
function members(module: InertObject, attributesOf: TensorAttributes): [string, PickleValue][] {
  const { state } = module;
  if (!(state instanceof Map)) {
    return [];
  }
  const parts = ['_parameters', '_buffers', '_modules'].map((key) => state.get(key));
  if (parts.every((part) => part instanceof Map)) {
    const passing = state.get('_non_persistent_buffers_set');
    const skipped: ReadonlySet<PickleValue> = passing instanceof Set ? passing : new Set();
    return parts.flatMap((part) => named(part as Map<PickleValue, PickleValue>)).filter(([name]) => !skipped.has(name));
  }
  const listed = attributesOf(module.className);
  return named(state).filter(([name, value]) => !isTensor(value) || listed === undefined || listed.has(name));
}

function named(dictionary: ReadonlyMap<PickleValue, PickleValue>): [string, PickleValue][] {
  return [...dictionary].map(([key, value]) => [String(key), value]);
}
