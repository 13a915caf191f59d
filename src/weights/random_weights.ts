import { MapleError } from '../../layers/errors.js';
import type { WeightSource } from '../backbone/backbone.js';
import { validateClipConfig, type ClipConfig } from '../clip/config.js';
import { Random } from '../random.js';
import { initialValues } from '../training/initial_weights.js';
import { canonicalShapes } from './canonical.js';

/**
 * A model that has not been trained: the initial values of a CLIP, drawn when a weight is asked for, so that none is
 * held in memory. For trying out an architecture, measuring speed at full size without a checkpoint, and tests.
 *
 * ```js
 * const source = randomWeights(config, 1);
 * (await source.read('logits/logit_scale')).values; // Float32Array [2.659...]
 * ```
 *
 * @param seed - equal seeds give equal values, whatever the order they are asked for
 * @throws MapleError when the configuration is not of a model that can be built
 */
export function randomWeights(config: ClipConfig, seed: number): WeightSource {
  validateClipConfig(config);
  const shapes = canonicalShapes(config);
  const random = new Random(seed);
  const shape = (name: string) => {
    const found = shapes.get(name);
    if (found === undefined) {
      throw new MapleError(`A CLIP model has no weight "${name}". Weights are named as in ${[...shapes.keys()][0]}.`);
    }
    return found;
  };
  return {
    names: [...shapes.keys()],
    shape,
    read: async (name) => ({ shape: [...shape(name)], values: initialValues(name, shape(name), config, random) }),
  };
}
