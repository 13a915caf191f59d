import { MapleError } from '../../../layers/errors.js';
import { moduleTensors } from './module_tensors.js';
import type { TensorAttributes } from './module_tensors.js';
import { InertObject } from './pickle_values.js';
import type { PickleValue } from './pickle_values.js';
import type { TorchContent, TorchFact } from './torch_file.js';
import { isTensor } from './torch_knowledge.js';
import type { TorchTensor } from './torch_tensor.js';

/** Under which the tensors of a checkpoint are, when they are not at its top. */
const STATE_DICT_KEYS = ['state_dict', 'model_state_dict', 'model'];
/** Dictionaries within dictionaries, and how many values in all: a pickle can name one dictionary many times. */
const DEEPEST = 32;
const MOST_VALUES = 1_000_000;
/** What PyTorch makes tensors with; those of a known name are tensors by now. */
const TENSOR_MAKERS = 'torch._utils._rebuild_';

/**
 * Finds tensors and plain values in what a file's pickle holds: a checkpoint with a `state_dict`, a plain state dict, a
 * TorchScript module, or a whole module that torch.save pickled.
 * @param root - the value of the pickle
 * @param file - for messages
 * @param attributesOf - which attributes of a TorchScript class are parameters and buffers
 * @throws MapleError when no tensor has a name
 */
export function torchContent(root: PickleValue, file: string, attributesOf: TensorAttributes): TorchContent {
  const fail = (problem: string): never => {
    throw new MapleError(`${file}: ${problem}`);
  };
  const attributes = root instanceof InertObject ? root.state : root;
  const facts = attributes instanceof Map ? plainValues(attributes) : new Map<string, TorchFact>();
  if (root instanceof InertObject) {
    return { tensors: moduleTensors(root, attributesOf, fail), facts };
  }
  if (!(root instanceof Map)) {
    return fail('it must hold a state dict, a checkpoint with a `state_dict`, or a module. Save model.state_dict().');
  }
  const inner = STATE_DICT_KEYS.map((key) => root.get(key)).find(
    (value) => value instanceof Map || value instanceof InertObject,
  );
  const tensors =
    inner instanceof InertObject
      ? moduleTensors(inner, attributesOf, fail)
      : flatten(inner instanceof Map ? inner : root, fail);
  return { tensors, facts };
}

function plainValues(dictionary: ReadonlyMap<PickleValue, PickleValue>): Map<string, TorchFact> {
  const facts = new Map<string, TorchFact>();
  for (const [key, value] of dictionary) {
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
      facts.set(String(key), value);
    }
  }
  return facts;
}

/** The tensors of dictionaries within dictionaries, keys joined by dots. */
function flatten(root: Map<PickleValue, PickleValue>, fail: (problem: string) => never): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  let visited = 0;
  const visit = (dictionary: Map<PickleValue, PickleValue>, prefix: string, depth: number): void => {
    if (depth > DEEPEST) {
      fail(`its dictionaries must not be nested deeper than ${DEEPEST}.`);
    }
    for (const [key, value] of dictionary) {
      if (++visited > MOST_VALUES) {
        fail(`its dictionaries must have at most ${MOST_VALUES} values in all.`);
      }
      const name = `${prefix}${typeof key === 'object' ? '?' : String(key)}`;
      if (isTensor(value)) {
        if (tensors.has(name)) {
          fail(`two tensors must not have the name "${name}".`);
        }
        tensors.set(name, value);
      } else if (value instanceof InertObject && value.className.startsWith(TENSOR_MAKERS)) {
        fail(`the tensor "${name}" is of a kind that cannot be read, made by ${value.className}. Save a dense one.`);
      } else if (value instanceof Map) {
        visit(value, `${name}.`, depth + 1);
      }
    }
  };
  visit(root, '', 0);
  return tensors.size > 0 ? tensors : fail('it holds no tensor under a name. Save model.state_dict().');
}
