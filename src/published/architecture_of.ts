import { MapleError } from '../../layers/errors.js';
import { proposal } from '../../layers/known_names.js';
import type { ClipConfig } from '../clip/config.js';
import { ARCHITECTURES } from './published_architectures.js';
import { publishedBackbones } from './published_backbones.js';

/**
 * A published architecture by its name: a key of {@link clipConfigs} or {@link siglipConfigs}, or a model's name on the
 * hub, whose activations it then has.
 *
 * @throws MapleError for a name that is neither
 */
export function architectureOf(name: string): ClipConfig {
  if (Object.hasOwn(ARCHITECTURES, name)) {
    return ARCHITECTURES[name as keyof typeof ARCHITECTURES];
  }
  if (Object.hasOwn(publishedBackbones, name)) {
    return publishedBackbones[name].config;
  }
  const meant = proposal(name, [...Object.keys(ARCHITECTURES), ...Object.keys(publishedBackbones)]);
  throw new MapleError(
    `"${name}" is no published architecture.${meant} Take one of ${Object.keys(ARCHITECTURES).join(', ')}; or the name of a ` +
      'model that docs/backbones.md lists, like google/siglip2-base-patch16-256.',
  );
}
