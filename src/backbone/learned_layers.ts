import type { layers, LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { isPromptLayer } from './layer_names.js';
import { wasTrained } from './layer_source.js';
import { modelMetadata, setMetadata } from './model_metadata.js';

/**
 * The layers that hold what is learned, whether they are frozen or not: prompts, couplers and the meta-net; layers of
 * the towers that `buildClip` was told to `learn`, and those that were made trainable since.
 */
export function learnedLayers(model: LayersModel): layers.Layer[] {
  const told = new Set(modelMetadata(model).learned);
  return model.layers.filter(
    (layer) =>
      isPromptLayer(layer.name) || told.has(layer.name) || layer.trainableWeights.length > 0 || wasTrained(layer),
  );
}

/** Names of the learned layers that are the towers'. */
export function learnedTowerLayers(model: LayersModel): string[] {
  return learnedLayers(model)
    .map(({ name }) => name)
    .filter((name) => !isPromptLayer(name));
}

/**
 * All that a model has learned: the weights of its learned layers, in the order of the layers. A layer's moving averages
 * are among them.
 */
export function learnedVariables(model: LayersModel): LayerVariable[] {
  return learnedLayers(model).flatMap((layer) => layer.weights);
}

/** Has a layer of a tower learn: all of its weights that training is to move. */
export function setLearned(layer: layers.Layer): void {
  layer.trainable = true;
  // A layer tells its own weights, but not those of a layer within it (a recurrent layer's cell).
  layer.trainableWeights.forEach((weight) => (weight.trainable = true));
}

/** Notes in the model which layers of the towers are learned, so that this is known of it when they are frozen again. */
export function noteLearned(model: LayersModel): void {
  const learned = learnedTowerLayers(model);
  if (learned.length > 0) {
    setMetadata(model, { ...modelMetadata(model), learned });
  }
}
