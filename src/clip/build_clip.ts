import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classPromptIds } from '../prompting/class_prompts.js';
import { validateDesign, type PromptDesign } from '../prompting/design.js';
import type { Backbone } from './backbone.js';
import { clipGraph, readTokenTable, writeClassTokens, writeFirstPrompt } from './clip_graph.js';
import { validateClipConfig } from './config.js';
import { frozenLayers, newLayers, type LayerSource } from './layer_source.js';
import { loadWeights } from './load_weights.js';
import { setMetadata } from './model_metadata.js';

/** What {@link buildClip} makes a classifier of. */
export interface ClipModelOptions {
  /** Names of the classes, in the order of the logits; different, not empty, short enough for the context. */
  classNames: readonly string[];
  /** Which prompts are learned, from {@link promptDesign}. */
  design: PromptDesign;
  /** Fixed prompt text of a method without text prompts, `{}` in the class name's place. Default: the prefix's. */
  template?: string;
  /** Seed of the initial prompts and couplers. Default: 1. */
  seed?: number;
  /**
   * Leave out what changes no result: text positions behind the longest class's end token, and the last blocks'
   * unused queries. Default: true.
   */
  pruned?: boolean;
}

/** Whether a layer's weights are learned or made of class names, so that no backbone file holds them. */
export function isOwnLayer(name: string): boolean {
  return /^(text\/prompt_\d+|vision\/prompt_\d+|coupler(_\d+)?|text\/class_tokens)$/.test(name);
}

/**
 * Builds a prompt-tuned CLIP classifier: one functional model, images [B, H, W, 3] (normalised by the backbone's image
 * statistics) to logits [B, classes]. Only prompts and couplers are trainable.
 *
 * ```js
 * const design = promptDesign('maple', backbone.config);
 * const model = await buildClip(backbone, {classNames: ['cat', 'dog'], design});
 * model.compile({optimizer: promptSgd({learningRate: 0.0035}), loss: tf.losses.softmaxCrossEntropy});
 * ```
 *
 * @throws MapleError for class names, a design or weights that do not fit the backbone
 */
export async function buildClip(backbone: Backbone, options: ClipModelOptions): Promise<LayersModel> {
  const { classNames, design, template, seed = 1, pruned = true } = options;
  validateClipConfig(backbone.config);
  validateDesign(design, backbone.config);
  const ids = classPromptIds(backbone, design, classNames, template);

  const source: LayerSource = (name, make) => (isOwnLayer(name) ? newLayers : frozenLayers)(name, make);
  const model = clipGraph({ config: backbone.config, design, ids, source, seed, pruned });
  for (const layer of model.layers.filter(({ name }) => !isOwnLayer(name))) {
    // Once more, now that there are variables to mark: tf.variableGrads and minimize look at those.
    layer.trainable = false;
  }
  try {
    await loadWeights(model.layers, backbone.weights, isOwnLayer);
    const table = await readTokenTable(backbone);
    writeClassTokens(model, table, ids);
    writeFirstPrompt(model, table, backbone, design);
  } catch (error) {
    model.dispose();
    throw error;
  }

  const { config, imageStatistics, name, identity } = backbone;
  setMetadata(model, {
    format: 1,
    classNames: [...classNames],
    design,
    ...(template === undefined ? {} : { template }),
    config,
    imageStatistics,
    backbone: { name, identity },
  });
  return model;
}
