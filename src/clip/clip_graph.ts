import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  chunkedModel,
  classFeatures,
  classTokens,
  conditionalPrompt,
  cosineLogits,
  metaNet,
  packedClassTokens,
  PackedClassTokens,
} from '../../layers/index.js';
import { promptHooks } from '../prompting/attach.js';
import { prefixIds } from '../prompting/class_prompts.js';
import type { ClassTexts } from '../prompting/class_texts.js';
import { packedClassTexts, packTexts, type Packing } from '../prompting/packing.js';
import { hasFixedText, metaNetWidth, startsFromWords, type PromptDesign } from '../prompting/design.js';
import { Random } from '../random.js';
import type { Backbone, WeightValues } from '../backbone/backbone.js';
import type { ClipConfig } from './config.js';
import type { LayerSource } from '../backbone/layer_source.js';
import { textTower, textTowerModel, type TextStream } from './text_tower.js';
import { visionTower, type BlockMemory } from './vision_tower.js';

/** What a classifier's graph is made of. */
export interface ClipGraphArgs {
  config: ClipConfig;
  design: PromptDesign;
  texts: ClassTexts;
  source: LayerSource;
  /** Seed of the initial prompts and couplers. */
  seed: number;
  pruned: boolean;
  /** Texts computed at once, where every image has its own. */
  textRows: number;
  /** Compute blocks once more in the backward pass instead of keeping their steps. */
  recompute: boolean;
}

/** Functional model: both towers on the image input, then the head. */
export function clipGraph(args: ClipGraphArgs): tfl.LayersModel {
  const { imageSize } = args.config.vision;
  const images = tfl.input({ shape: [imageSize, imageSize, 3], name: 'images' });
  const graph =
    args.design.conditioning === 'metaNet'
      ? conditionedLogits
      : hasFixedText(args.design)
        ? fixedLogits
        : learnedLogits;
  return tfl.model({ inputs: images, outputs: graph(images, args), name: 'clip' });
}

/** Text prompts, if any, that are the same for all images. */
function learnedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): tfl.SymbolicTensor {
  const { config, source, pruned } = args;
  const packing = pruned ? packedClassTexts(args.design, args.texts) : undefined;
  const { slots, ...stream } = packing ? packedTokensOf(images, packing, args) : tokensOf(images, args);
  const hooks = hooksOf(args, slots);
  const { recompute } = args;
  const texts = textTower(stream, config, source, hooks.text, pruned, { recompute });
  const features = visionTower(images, config, source, hooks.vision, pruned, visionMemory(args));
  return source('logits', (name) => cosineLogits({ name })).apply([features, texts]) as tfl.SymbolicTensor;
}

/** No text prompts: the texts' features are worked out once, when the class names are told. */
function fixedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): tfl.SymbolicTensor {
  const { config, source, texts, pruned } = args;
  const classes = texts.ids.length;
  const make = (name: string) => classFeatures({ name, classes, units: config.embedDim });
  const features = visionTower(images, config, source, hooksOf(args).vision, pruned, visionMemory(args));
  const known = source('text/features', make).apply(images) as tfl.SymbolicTensor;
  return source('logits', (name) => cosineLogits({ name })).apply([features, known]) as tfl.SymbolicTensor;
}

/** A text prompt that the image shifts: the text tower runs once for every image and class. */
function conditionedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): tfl.SymbolicTensor {
  const { config, design, source, texts, pruned, textRows } = args;
  const { width } = config.text;
  const random = new Random(args.seed);
  const seed = (...keys: (string | number)[]) => random.fork('prompt', ...keys).seed;
  const features = visionTower(images, config, source, hooksOf(args).vision, pruned, visionMemory(args));
  const hiddenUnits = metaNetWidth(config);
  const shifts = source('meta_net', (name) =>
    metaNet({ name, units: width, hiddenUnits, seed: seed('meta_net') }),
  ).apply(features) as tfl.SymbolicTensor;
  const { embeddings, ends } = tokensOf(images, args);
  const [rows, rowEnds] = source('text/prompt_0', (name) =>
    conditionalPrompt({ name, length: design.textLength, seed: seed('text', 0) }),
  ).apply([embeddings, ends, shifts]) as tfl.SymbolicTensor[];
  const tower = source('text/tower', (name) =>
    chunkedModel({ name, model: textTowerModel(config, source, pruned), rows: textRows }),
  ).apply([rows, rowEnds]) as tfl.SymbolicTensor;
  const head = source('logits', (name) => cosineLogits({ name, classes: texts.ids.length }));
  return head.apply([features, tower]) as tfl.SymbolicTensor;
}

/** A text stream, and the prompt vectors' positions, where they differ between classes. */
type ClassStream = TextStream & { slots?: tfl.SymbolicTensor };

/** A row a class. */
function tokensOf(images: tfl.SymbolicTensor, { config, texts, source, pruned }: ClipGraphArgs): ClassStream {
  const { ids, slots } = texts;
  const length = pruned ? Math.max(...ids.flat().map((text) => text.length)) : config.text.contextLength;
  const make = (name: string) =>
    classTokens({ name, classes: ids.length, length, units: config.text.width, slots: slots?.[0].length });
  const outputs = source('text/class_tokens', make).apply(images) as tfl.SymbolicTensor[];
  return { embeddings: outputs[0], ends: outputs[1], slots: outputs[2] };
}

/** What all classes begin with once, then the classes' own tokens. */
function packedTokensOf(
  images: tfl.SymbolicTensor,
  { ids, shared, places }: Packing,
  { config, source }: ClipGraphArgs,
): ClassStream {
  const counts = { classes: places.length, shared, tokens: ids.length, longest: places[0].length };
  const make = (name: string) => packedClassTokens({ name, ...counts, units: config.text.width });
  const outputs = source('text/class_tokens', make).apply(images) as tfl.SymbolicTensor[];
  const [embeddings, positions, placed, real, ends] = outputs;
  return { embeddings, ends, packing: { positions, places: placed, real } };
}

/** Without image prompts nothing in the image tower is learned. */
function visionMemory({ design, recompute }: ClipGraphArgs): BlockMemory {
  return design.visionDepth > 0 ? { recompute } : { constant: true };
}

function hooksOf({ design, config, source, seed, texts }: ClipGraphArgs, slots?: tfl.SymbolicTensor) {
  return promptHooks({ design, config, source, random: new Random(seed), classes: texts.ids.length, slots });
}

/** A backbone's token embeddings: at CLIP's size 100 MB, to be read once for all that is looked up in them. */
export async function readTokenTable({ weights }: Pick<Backbone, 'weights'>): Promise<WeightValues> {
  return weights.read('text/token_embedding/embeddings');
}

/** Writes the class prompts' token embeddings and positions into a graph's source layer. */
export function writeClassTokens(model: tfl.LayersModel, table: WeightValues, { ids, slots }: ClassTexts): void {
  const layer = model.getLayer('text/class_tokens');
  if (layer instanceof PackedClassTokens) {
    const { ids: packed, positions, places, real, ends } = packTexts(ids.flat());
    tf.tidy(() =>
      layer.setWeights([
        embed(packed, table, [packed.length]),
        ...[positions, places, real, ends].map((values) => tf.tensor(values)),
      ]),
    );
    return;
  }
  const length = layer.weights[0].shape[1] as number;
  tf.tidy(() => {
    const [embeddings, ends] = embedTexts(ids.flat(), table, length);
    layer.setWeights([embeddings, ends, ...(slots ? [tf.tensor2d(slots)] : [])]);
  });
}

/** Token embeddings [texts, length, width], padded behind each end token, and the end positions [texts]. */
export function embedTexts(
  ids: readonly (readonly number[])[],
  table: WeightValues,
  length: number,
): [embeddings: tf.Tensor, ends: tf.Tensor] {
  const padded = ids.flatMap((text) => [...text, ...Array<number>(length - text.length).fill(0)]);
  return [embed(padded, table, [ids.length, length]), tf.tensor1d(ids.map((text) => text.length - 1))];
}

/** Starts the first text prompt from the prefix's words, where the design asks for it. */
export function writeFirstPrompt(
  model: tfl.LayersModel,
  table: WeightValues,
  backbone: Backbone,
  design: PromptDesign,
): void {
  if (design.textDepth === 0 || !startsFromWords(design)) {
    return;
  }
  const words = prefixIds(backbone, design);
  const layer = model.getLayer('text/prompt_0');
  tf.tidy(() => {
    const start = embed(words, table, [words.length]);
    // Where every class has a prompt of its own, all start alike.
    const [shape] = layer.weights.map((weight) => weight.shape as number[]);
    layer.setWeights([tf.add(tf.zeros(shape), start)]);
  });
}

/** Rows of the embedding table, laid out as `shape` plus the width. */
function embed(ids: readonly number[], table: WeightValues, shape: number[]): tf.Tensor {
  const width = table.shape[1];
  const values = new Float32Array(ids.length * width);
  ids.forEach((id, row) => values.set(table.values.subarray(id * width, (id + 1) * width), row * width));
  return tf.tensor(values, [...shape, width]);
}
