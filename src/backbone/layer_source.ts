import type { layers } from '@tensorflow/tfjs-layers';

/**
 * Where a graph's layers come from: made anew, or taken by name from a model that has them, so that a second graph
 * (other class names, images only) shares the weights of the first.
 */
export type LayerSource = <T extends layers.Layer>(name: string, make: (name: string) => T) => T;

/** Makes every layer. */
export const newLayers: LayerSource = (name, make) => make(name);

/**
 * Makes layers whose weights are about to be loaded: they start from zeros, without drawing millions of random
 * numbers first, and are frozen.
 */
export const frozenLayers: LayerSource = (name, make) => {
  const layer = make(name);
  layer.setFastWeightInitDuringBuild(true);
  layer.trainable = false;
  holdStill(layer);
  return layer;
};

/** Takes the layers that `existing` has, and makes the others with `otherwise`. */
export function sharedLayers(existing: ReadonlyMap<string, layers.Layer>, otherwise: LayerSource): LayerSource {
  return (name, make) => {
    const layer = existing.get(name);
    return layer ? (layer as ReturnType<typeof make>) : otherwise(name, make);
  };
}

/** Layers that `holdStill` has been told of. */
const still = new WeakSet<layers.Layer>();
/** Of these, those that were made trainable later and computed in training then. */
const trained = new WeakSet<layers.Layer>();

/**
 * Has a layer compute in training what it computes otherwise, as long as it is frozen. To tfjs `trainable: false` says
 * nothing of moving averages (batchNormalization), which would go on moving, nor of dropout.
 */
export function holdStill(layer: layers.Layer): void {
  if (still.has(layer)) {
    return;
  }
  const call = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    if (!layer.trainable) {
      return call(inputs, { ...kwargs, training: false });
    }
    if (kwargs?.training && layer.trainableWeights.length > 0) {
      trained.add(layer);
    }
    return call(inputs, kwargs);
  };
  still.add(layer);
}

/** Whether a layer that `holdStill` was told of has been trained since, though it may be frozen again. */
export function wasTrained(layer: layers.Layer): boolean {
  return trained.has(layer);
}
