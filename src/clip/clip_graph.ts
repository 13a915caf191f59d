import * as tfl from '@tensorflow/tfjs-layers';
import {
  chunkedModel,
  classFeatures,
  classTokens,
  conditionalPrompt,
  cosineLogits,
  metaNet,
  packedClassTokens,
} from '../../layers/index.js';
import { promptStart } from '../backbone/contract.js';
import type { BlockMemory, TextStream, TowerContext, Towers, TowersConfig } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';
import { promptHooks } from '../prompting/attach.js';
import { hasFixedText, metaNetWidth, type PromptDesign } from '../prompting/design.js';
import type { Packing } from '../prompting/packing.js';
import { Random } from '../random.js';
import type { ClassSource } from './class_source.js';
import { textTowerModel } from './text_tower_model.js';

/** What a classifier's graph is made of. */
export interface ClipGraphArgs {
  config: TowersConfig;
  towers: Towers;
  design: PromptDesign;
  texts: ClassSource;
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
  const { towers, texts } = args;
  const { packing } = texts;
  const { slots, ...stream } = packing ? packedTokensOf(images, packing, args) : tokensOf(images, args);
  const { text, vision } = contextsOf(args, slots);
  const textFeatures = towers.text(stream, text);
  const features = towers.image(images, vision);
  return head(args).apply([features, textFeatures]) as tfl.SymbolicTensor;
}

/** No text prompts: the texts' features are worked out once, when the class names are told. */
function fixedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): tfl.SymbolicTensor {
  const { config, towers, source, texts } = args;
  const make = (name: string) => classFeatures({ name, classes: texts.classes, units: config.embedDim });
  const features = towers.image(images, contextsOf(args).vision);
  const known = source('text/features', make).apply(images) as tfl.SymbolicTensor;
  return head(args).apply([features, known]) as tfl.SymbolicTensor;
}

/** A text prompt that the image shifts: the text tower runs once for every image and class. */
function conditionedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): tfl.SymbolicTensor {
  const { config, towers, design, source, texts, pruned, textRows } = args;
  const random = new Random(args.seed);
  const seed = (...keys: (string | number)[]) => random.fork('prompt', ...keys).seed;
  const features = towers.image(images, contextsOf(args).vision);
  const hiddenUnits = metaNetWidth(config);
  const shifts = source('meta_net', (name) =>
    metaNet({ name, units: config.text.width, hiddenUnits, seed: seed('meta_net') }),
  ).apply(features) as tfl.SymbolicTensor;
  const { embeddings, ends } = tokensOf(images, args);
  const [rows, rowEnds] = source('text/prompt_0', (name) =>
    conditionalPrompt({ name, length: design.textLength, start: promptStart(config.text), seed: seed('text', 0) }),
  ).apply([embeddings, ends, shifts]) as tfl.SymbolicTensor[];
  const tower = source('text/tower', (name) =>
    chunkedModel({ name, model: textTowerModel(towers, config, source, pruned), rows: textRows }),
  ).apply([rows, rowEnds]) as tfl.SymbolicTensor;
  return head(args, texts.classes).apply([features, tower]) as tfl.SymbolicTensor;
}

/** @param classes - where every image has text features of its own */
function head({ config, source }: ClipGraphArgs, classes?: number): tfl.layers.Layer {
  return source('logits', (name) => cosineLogits({ name, classes, useBias: config.logitBias }));
}

/** A text stream, and the prompt vectors' positions, where they differ between classes. */
type ClassStream = TextStream & { slots?: tfl.SymbolicTensor };

/** A row a class. */
function tokensOf(images: tfl.SymbolicTensor, { config, texts, source }: ClipGraphArgs): ClassStream {
  const { classes, length, slots } = texts;
  const make = (name: string) =>
    classTokens({ name, classes, length, units: config.text.width, slots: slots?.[0].length });
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

/** What both towers are built with; the text tower is to be built first. */
function contextsOf(
  { design, config, source, seed, texts, pruned, recompute }: ClipGraphArgs,
  slots?: tfl.SymbolicTensor,
): Record<'text' | 'vision', TowerContext> {
  const hooks = promptHooks({ design, config, source, random: new Random(seed), classes: texts.classes, slots });
  // Without image prompts nothing in the image tower is learned.
  const memory: BlockMemory = design.visionDepth > 0 ? { recompute } : { constant: true };
  return {
    text: { source, pruned, prompt: hooks.text, memory: { recompute } },
    vision: { source, pruned, prompt: hooks.vision, memory },
  };
}
