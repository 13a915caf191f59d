import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { CosineLogits, ProbeLogits } from '../../layers/index.js';

/** The tensors of a classifier's graph that its logits are made of. */
export interface FeatureTensors {
  /** Image features [B, d], not of unit length. */
  image: SymbolicTensor;
  /** Text features [classes, d], not of unit length; [B * classes, d] where they depend on the image. */
  text: SymbolicTensor;
}

/**
 * Where in a classifier's graph the features stand: what goes into its logits, behind a head's terms where it has one.
 * Asked of the tensors, since a layer's own `input` is ambiguous where graphs share it.
 */
export function featureTensors(model: LayersModel): FeatureTensors {
  let logits = model.outputs[0];
  while (!(logits.sourceLayer instanceof CosineLogits || logits.sourceLayer instanceof ProbeLogits)) {
    logits = logits.inputs[0];
  }
  const [image, text] = logits.inputs;
  return { image, text };
}
