import { checkKnown } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { RecomputedModel, TokenPool } from '../../layers/index.js';
import type { Backbone } from '../backbone/backbone.js';
import type { ClipModelOptions } from './build_clip.js';
import { chooseClassSource } from './choose_class_source.js';
import { clipGraph } from './clip_graph.js';
import { isClassLayer } from '../backbone/layer_names.js';
import { newLayers, sharedLayers } from '../backbone/layer_source.js';
import { modelMetadata, setMetadata } from '../backbone/model_metadata.js';
import { towersOf } from './transformer_towers.js';
import { writeClassTexts } from './write_class_texts.js';

/**
 * The same tuned model with other classes, without training again: a second graph over the same layers, whose weights
 * both share, with only the class tokens made anew. This is how prompts tuned on base classes meet new ones.
 *
 * @param model - a model of {@link buildClip}, fresh or loaded
 * @param backbone - the one it was built on, for its reader of texts
 * @param options - `descriptions` as in {@link buildClip}
 * @throws MapleError for class names that do not fit, another backbone, or contexts that each class learned for itself
 */
export async function swapClassNames(
  model: LayersModel,
  backbone: Backbone,
  classNames: readonly string[],
  options: Pick<ClipModelOptions, 'descriptions'> = {},
): Promise<LayersModel> {
  checkKnown('swapClassNames', options, { descriptions: true });
  const { descriptions } = options;
  const metadata = modelMetadata(model);
  if (metadata.backbone.identity !== backbone.identity) {
    throw new MapleError(
      `The model's prompts were learned on "${metadata.backbone.name}" (${metadata.backbone.identity}), ` +
        `not on "${backbone.name}" (${backbone.identity}). Give the backbone they were learned on.`,
    );
  }
  if (metadata.head !== undefined) {
    throw new MapleError(
      `The head of this model (${metadata.head.kind}) was fitted on pictures of its own classes, and other classes have ` +
        'none. Swap the names of the model that the head was put on, and fit a head on pictures of the new classes.',
    );
  }
  if (metadata.folded) {
    throw new MapleError('A folded model has no text tower to read class names. Swap the names before folding.');
  }
  const { design, templates } = metadata;
  if (design.contexts === 'perClass') {
    throw new MapleError(
      'Every class of this model learned a context of its own, and other classes have none. Tune shared contexts ' +
        '(promptDesign without `contexts`) for class names that can be swapped.',
    );
  }
  const pruned = !unprunedPools(model);
  const chunked = model.layers.some((layer) => layer.getClassName() === RecomputedModel.className);
  const textRows = chunked ? undefined : Infinity;
  const texts = await chooseClassSource(backbone, { design, classNames, templates, descriptions, pruned, textRows });
  const shared = new Map(model.layers.filter(({ name }) => !isClassLayer(name)).map((l) => [l.name, l]));
  if (design.conditioning === 'metaNet') {
    // It knows the number of classes.
    shared.delete('logits');
  }
  const source = sharedLayers(shared, newLayers);
  const swapped = clipGraph({
    config: backbone.config,
    towers: towersOf(backbone),
    design,
    texts,
    source,
    seed: 0,
    pruned,
    chunked,
    recompute: false,
  });
  try {
    if (!shared.has('logits')) {
      const head = swapped.getLayer('logits');
      head.setWeights(model.getLayer('logits').getWeights());
      head.trainable = model.getLayer('logits').trainable;
    }
    await writeClassTexts(swapped, backbone, texts, await texts.read(), pruned);
  } catch (error) {
    swapped.dispose();
    throw error;
  }
  const told = { ...metadata, classNames: [...classNames], descriptions };
  if (descriptions === undefined) {
    // Those of the classes before say nothing of these.
    delete told.descriptions;
  }
  setMetadata(swapped, told);
  return swapped;
}

/** Whether a model computes what changes no result: its towers pick their tokens behind the last block. */
function unprunedPools(model: LayersModel): boolean {
  return model.layers.some(({ name, constructor }) => /^(text|vision)\/pool$/.test(name) && constructor === TokenPool);
}
