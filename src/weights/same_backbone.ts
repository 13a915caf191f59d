import { MapleError } from '../../layers/errors.js';
import { completeResizing } from '../clip/image_statistics.js';
import type { ModelMetadata } from '../backbone/model_metadata.js';
import type { PromptConfig } from './prompt_config.js';

/** What prompts depend on. */
export type PromptedBackbone = Pick<ModelMetadata, 'backbone' | 'config' | 'imageStatistics'>;

/**
 * Checks that prompts are used on what they were learned on: same weights, architecture and image statistics.
 * @throws MapleError naming both backbones, or every difference
 */
export function checkSameBackbone(prompts: PromptConfig, here: PromptedBackbone): void {
  if (prompts.backbone.identity !== here.backbone.identity) {
    throw new MapleError(
      `The prompts of ${prompts.file} were learned on "${prompts.backbone.name}" (${prompts.backbone.identity}), ` +
        `not on "${here.backbone.name}" (${here.backbone.identity}). Give the backbone they were learned on.`,
    );
  }
  // The same weights give other features when they are read with another activation, or pictures another scale.
  const found = leaves({ config: prompts.architecture, imageStatistics: completeResizing(prompts.imageStatistics) });
  const own = leaves({ config: here.config, imageStatistics: completeResizing(here.imageStatistics) });
  const differing = [...new Set([...own.keys(), ...found.keys()])].filter((path) => own.get(path) !== found.get(path));
  if (differing.length > 0) {
    const list = differing.map((path) => `${path} is ${String(own.get(path))}, was ${String(found.get(path))}`);
    throw new MapleError(
      `The prompts of ${prompts.file} were learned on "${here.backbone.name}" with other settings: ` +
        `${list.join('; ')}. Load the backbone as it was loaded then.`,
    );
  }
}

/** The values of an object and of all within it, by their path. */
function leaves(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) {
    return new Map([[path, value]]);
  }
  const entries = Object.entries(value).flatMap(([key, item]) => [
    ...leaves(item, path === '' ? key : `${path}.${key}`),
  ]);
  return new Map(entries);
}
