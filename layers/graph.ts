import type { layers } from '@tensorflow/tfjs-layers';

/** Whether a layer that has trainable weights stands before another, in any model that it is part of. */
export function followsTrainable(layer: layers.Layer): boolean {
  const seen = new Set<layers.Layer>([layer]);
  for (const each of seen) {
    for (const before of each.inboundNodes.flatMap(({ inboundLayers }) => inboundLayers)) {
      if (before.trainableWeights.length > 0) {
        return true;
      }
      seen.add(before);
    }
  }
  return false;
}
