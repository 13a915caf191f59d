import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { WeightSource } from './backbone.js';

/**
 * Writes a backbone's weights into layers, one at a time, so that no second copy of all of them is ever in memory.
 * @param skip - names of the layers that have no weights in a backbone: prompts, couplers, class tokens
 * @throws MapleError naming every weight that is missing or of another shape; nothing is written then
 */
export async function loadWeights(
  modelLayers: readonly layers.Layer[],
  source: WeightSource,
  skip: (layerName: string) => boolean = () => false,
): Promise<void> {
  const variables = modelLayers.filter((layer) => !skip(layer.name)).flatMap((layer) => layer.weights);
  const known = new Set(source.names);
  const faults = variables.flatMap(({ originalName: name, shape }) => {
    if (!known.has(name)) {
      return [`${name} is missing (expected [${shape.join(', ')}])`];
    }
    const found = source.shape(name);
    const same = found.length === shape.length && found.every((size, i) => size === shape[i]);
    return same ? [] : [`${name} is [${found.join(', ')}], expected [${shape.join(', ')}]`];
  });
  if (faults.length > 0) {
    throw new MapleError(`The backbone's weights do not fit its configuration: ${faults.join('; ')}.`);
  }
  for (const variable of variables) {
    const { shape, values } = await source.read(variable.originalName);
    tf.tidy(() => {
      // The reshape takes the values to the backend at once. Native TensorFlow else keeps them twice from the first use
      // on, until the garbage collector comes by.
      variable.write(tf.reshape(tf.tensor1d(values), shape));
    });
  }
}
