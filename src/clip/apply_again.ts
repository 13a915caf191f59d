import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * The graph that leads to a tensor once more, over the same layers: their weights are shared, and each layer counts the
 * new user, so that either model can be disposed without the other.
 *
 * @param known - tensors of the graph and what stands for them in the new one; those found on the way are added
 * @param instead - what stands for a tensor in place of its layer applied again, if anything; `again` gives an input's
 */
export function applyAgain(
  tensor: SymbolicTensor,
  known: Map<SymbolicTensor, SymbolicTensor>,
  instead?: (tensor: SymbolicTensor, again: (input: SymbolicTensor) => SymbolicTensor) => SymbolicTensor | undefined,
): SymbolicTensor {
  const found = known.get(tensor);
  if (found !== undefined) {
    return found;
  }
  const again = (input: SymbolicTensor) => applyAgain(input, known, instead);
  const result = instead?.(tensor, again) ?? applied(tensor, tensor.inputs.map(again));
  known.set(tensor, result);
  return result;
}

function applied({ sourceLayer, outputTensorIndex }: SymbolicTensor, inputs: SymbolicTensor[]): SymbolicTensor {
  const outputs = [sourceLayer.apply(inputs.length === 1 ? inputs[0] : inputs)].flat() as SymbolicTensor[];
  return outputs[outputTensorIndex ?? 0];
}
