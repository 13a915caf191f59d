import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { classPromptIds } from '../prompting/class_prompts.js';
import type { Backbone } from './backbone.js';
import { clipGraph, readTokenTable, writeClassTokens } from './clip_graph.js';
import { newLayers, sharedLayers } from './layer_source.js';
import { modelMetadata, setMetadata } from './model_metadata.js';

/**
 * The same tuned model with other classes, without training again: a second graph over the same layers, whose weights
 * both share, with only the class tokens made anew. This is how prompts tuned on base classes meet new ones.
 *
 * @param model - a model of {@link buildClip}, fresh or loaded
 * @param backbone - the one it was built on, for its tokeniser and token embeddings
 * @throws MapleError for class names that do not fit, or another backbone
 */
export async function swapClassNames(
  model: LayersModel,
  backbone: Backbone,
  classNames: readonly string[],
): Promise<LayersModel> {
  const metadata = modelMetadata(model);
  if (metadata.backbone.identity !== backbone.identity) {
    throw new MapleError(
      `The model's prompts were learned on "${metadata.backbone.name}" (${metadata.backbone.identity}), ` +
        `not on "${backbone.name}" (${backbone.identity}). Give the backbone they were learned on.`,
    );
  }
  if (metadata.folded) {
    throw new MapleError('A folded model has no text tower to read class names. Swap the names before folding.');
  }
  const { config, design, template } = metadata;
  const ids = classPromptIds(backbone, design, classNames, template);
  const shared = new Map(model.layers.filter(({ name }) => name !== 'text/class_tokens').map((l) => [l.name, l]));
  const pruned = !shared.has('text/pool');
  const source = sharedLayers(shared, newLayers);
  const swapped = clipGraph({ config, design, ids, source, seed: 0, pruned });
  writeClassTokens(swapped, await readTokenTable(backbone), ids);
  setMetadata(swapped, { ...metadata, classNames: [...classNames] });
  return swapped;
}
