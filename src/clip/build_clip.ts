import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import type { Backbone } from '../backbone/backbone.js';
import { checkBackbone } from '../backbone/check_backbone.js';
import { isOwnLayer } from '../backbone/layer_names.js';
import { frozenLayers, newLayers, type LayerSource } from '../backbone/layer_source.js';
import { noteLearned, setLearned } from '../backbone/learned_layers.js';
import { loadWeights } from '../backbone/load_weights.js';
import { setMetadata } from '../backbone/model_metadata.js';
import { completeDesign, hasFixedText, validateDesign, type PromptDesign } from '../prompting/design.js';
import type { Descriptions } from '../sentences/class_sentences.js';
import { chooseClassSource } from './choose_class_source.js';
import { clipGraph } from './clip_graph.js';
import { towersOf } from './transformer_towers.js';
import { writeClassTexts, writeFirstPrompt } from './write_class_texts.js';

/** What {@link buildClip} makes a classifier of. */
export interface ClipModelOptions {
  /** Names of the classes, in the order of the logits; different, not empty, short enough for the context. */
  classNames: readonly string[];
  /** Which prompts are learned, from {@link promptDesign}. */
  design: PromptDesign;
  /**
   * Fixed text of a method without text prompts, `{}` in the class name's place; the features of several are averaged
   * ({@link clipTemplates}). Methods with text prompts take none. Default: the prefix and the class name.
   */
  templates?: string | readonly string[];
  /**
   * Of a backbone with a sentence encoder: what is said of a class, word for word and of any length, by its name. Default:
   * the class is told by its name.
   */
  descriptions?: Descriptions;
  /**
   * Layers of the towers that learn with the prompts, by their names: an adapter of your own between blocks, a block, the
   * head (`logits`). One that the backbone has weights of starts from these, another as it is made. Saved prompts have
   * them too. Default: none, the backbone is frozen.
   */
  learn?: readonly string[];
  /** Seed of the initial prompts and couplers. Default: 1. */
  seed?: number;
  /**
   * Leave out what changes no result: text positions behind a class's end token, what all class texts begin with but
   * once, and the last blocks' unused queries. Default: true.
   */
  pruned?: boolean;
  /**
   * Texts that the text tower computes at once: classes, or images x classes where every image has texts of its own
   * (CoCoOp). More than that are computed in chunks and once more in the backward pass: the same gradients, for the time
   * of a second forward pass of the texts, in memory that does not grow with their number. Default: 64 for CoCoOp; else
   * all up to some 4 GB for their gradient (about 1,100 classes of ViT-B/16), and chunks of a third beyond.
   */
  textRows?: number;
  /**
   * Keep only each block's input for the backward pass and compute the blocks once more there: about a tenth of the
   * memory, for the time of a second forward pass. Default: false.
   */
  recompute?: boolean;
}

const OPTIONS: SettingNames<ClipModelOptions> = {
  classNames: true,
  design: true,
  templates: true,
  descriptions: true,
  learn: true,
  seed: true,
  pruned: true,
  textRows: true,
  recompute: true,
};

/**
 * Builds a prompt-tuned classifier of a CLIP or another backbone: one functional model, images [B, H, W, 3] (normalised
 * by the backbone's image statistics) to logits [B, classes]. Only prompts and couplers are trainable, and the layers that
 * `learn` names.
 *
 * ```js
 * const design = promptDesign('maple', backbone.config);
 * const model = await buildClip(backbone, {classNames: ['cat', 'dog'], design});
 * model.compile({optimizer: promptSgd({learningRate: 0.0035}), loss: tf.losses.softmaxCrossEntropy});
 * ```
 *
 * @throws MapleError for a backbone with something missing; class names, a design, weights or layers to learn that do
 * not fit it
 */
export async function buildClip(backbone: Backbone, options: ClipModelOptions): Promise<LayersModel> {
  checkKnown('buildClip', options, OPTIONS);
  const { classNames, design, descriptions, learn = [], seed = 1 } = options;
  const { pruned = true, textRows, recompute = false } = options;
  checkBackbone(backbone);
  if (textRows !== undefined && !(Number.isInteger(textRows) && textRows >= 1)) {
    throw new MapleError(`\`textRows\` must be an integer of at least 1. Received: ${shown(textRows)}.`);
  }
  const { config } = backbone;
  const towers = towersOf(backbone);
  validateDesign(design, config);
  const templates = hasFixedText(design) && options.templates !== undefined ? [options.templates].flat() : undefined;
  const texts = await chooseClassSource(backbone, { design, classNames, templates, descriptions, pruned, textRows });

  const isLearned = (name: string): boolean => isOwnLayer(name) || learn.includes(name);
  const source: LayerSource = (name, make) => (isLearned(name) ? newLayers : frozenLayers)(name, make);
  const chunked = texts.chunks.length > 1;
  const model = clipGraph({ config, towers, design, texts, source, seed, pruned, textRows, chunked, recompute });
  for (const layer of model.layers.filter(({ name }) => !isLearned(name))) {
    // Once more, now that there are variables to mark: tf.variableGrads and minimize look at those. A recurrent layer
    // does not tell its cell's.
    layer.trainable = false;
    layer.weights.forEach((weight) => (weight.trainable = false));
  }
  try {
    checkLearn(model, learn, design);
    learn.forEach((name) => setLearned(model.getLayer(name)));
    const isNew = (name: string): boolean => learn.includes(name) && !isOf(backbone, model.getLayer(name));
    await loadWeights(model.layers, backbone.weights, (name) => isOwnLayer(name) || isNew(name));
    const embeddings = await texts.read();
    await writeClassTexts(model, backbone, texts, embeddings, pruned);
    writeFirstPrompt(model, embeddings);
  } catch (error) {
    model.dispose();
    throw error;
  }

  const { imageStatistics, name, identity } = backbone;
  setMetadata(model, {
    format: 1,
    classNames: [...classNames],
    design: completeDesign(design),
    ...(templates === undefined ? {} : { templates }),
    ...(descriptions === undefined ? {} : { descriptions }),
    config,
    imageStatistics,
    backbone: { name, identity },
  });
  noteLearned(model);
  return model;
}

/** Whether a backbone has weights of a layer, if only some: then it must have all. */
function isOf({ weights }: Backbone, layer: layers.Layer): boolean {
  const known = new Set(weights.names);
  return layer.weights.some(({ originalName }) => known.has(originalName));
}

function checkLearn(model: LayersModel, learn: readonly string[], design: PromptDesign): void {
  const own = model.layers.filter(({ name, weights }) => weights.length > 0 && !isOwnLayer(name));
  const can = own.map(({ name }) => name).filter((name) => name !== 'text/tower');
  const wrong = learn.find((name) => !can.includes(name));
  if (wrong === undefined) {
    return;
  }
  const reason = !wrong.startsWith('text/')
    ? ''
    : hasFixedText(design)
      ? ' A method without text prompts works out the texts once, by the text tower as the backbone has it.'
      : own.length > can.length
        ? ' This text tower is computed in chunks, which learn nothing but prompts; but for CoCoOp `textRows: Infinity` ' +
          'computes all classes at once.'
        : '';
  throw new MapleError(
    `\`learn\` must name layers of the towers that have weights. Received: ${JSON.stringify(wrong)}.${reason} ` +
      `There are: ${can.join(', ')}.`,
  );
}
