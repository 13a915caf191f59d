import type { Backbone } from '../backbone/backbone.js';
import { checkedTowers } from '../backbone/checked_towers.js';
import { countsPadding, type Towers } from '../backbone/contract.js';
import { validateClipConfig, type ClipConfig } from './config.js';
import { textTower } from './text_tower.js';
import { visionTower } from './vision_tower.js';

/** The towers that a configuration describes: transformers, CLIP's, SigLIP's and what lies between. */
export function transformerTowers(config: ClipConfig): Towers {
  return {
    packs: !countsPadding(config.text),
    image: (images, context) => visionTower(images, config, context),
    text: (stream, context) => textTower(stream, config, context),
  };
}

/**
 * A backbone's own towers, or those that its configuration describes.
 * @throws MapleError when it has none and its configuration is not of a model that can be built
 */
export function towersOf({ towers, config }: Pick<Backbone, 'towers' | 'config'>): Towers {
  if (towers !== undefined) {
    return checkedTowers(towers, config);
  }
  validateClipConfig(config as ClipConfig);
  return transformerTowers(config as ClipConfig);
}
