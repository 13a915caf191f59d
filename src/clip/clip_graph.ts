import * as tfl from '@tensorflow/tfjs-layers';
import { chunkedModel, classFeatures, conditionalPrompt, cosineLogits, metaNet } from '../../layers/index.js';
import { promptStart } from '../backbone/contract.js';
import type { BlockMemory, Towers, TowersConfig } from '../backbone/contract.js';
import { classTokensName } from '../backbone/layer_names.js';
import type { LayerSource } from '../backbone/layer_source.js';
import { textHook, textPrompts, visionHook, type PromptArgs } from '../prompting/attach.js';
import { hasFixedText, metaNetWidth, type PromptDesign } from '../prompting/design.js';
import { Random } from '../random.js';
import type { ClassSource } from './class_source.js';
import { classStream, type ClassStream } from './class_streams.js';
import { textFeaturesInChunks } from './text_in_chunks.js';
import { textTowerModel } from './text_tower_model.js';

/** At ViT-B/16's shape a chunk's gradient takes about 2 GB (docs/performance.md); larger ones are no faster. */
const TEXT_ROWS = 64;

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
  /** Texts computed at once, where every image has its own. Default: {@link TEXT_ROWS}. */
  textRows?: number;
  /** Whether the text tower is a model of its own that takes classes in chunks, though it be one. */
  chunked: boolean;
  /** Compute blocks once more in the backward pass instead of keeping their steps. */
  recompute: boolean;
}

/** Functional model: both towers on the image input, then the head. */
export function clipGraph(args: ClipGraphArgs): tfl.LayersModel {
  const { imageSize } = args.config.vision;
  const images = tfl.input({ shape: [imageSize, imageSize, 3], name: 'images' });
  return tfl.model({ inputs: images, outputs: graphOf(args)(images, args), name: 'clip' });
}

function graphOf({ design, chunked }: ClipGraphArgs): (images: tfl.SymbolicTensor, args: ClipGraphArgs) => Logits {
  if (design.conditioning === 'metaNet') {
    return conditionedLogits;
  }
  return hasFixedText(design) ? fixedLogits : chunked ? chunkedLogits : learnedLogits;
}

type Logits = tfl.SymbolicTensor;

/** Text prompts that are the same for all images. */
function learnedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): Logits {
  const { towers, texts, source, pruned, recompute } = args;
  const { slots, ...stream } = streamOf(images, args);
  const { hook, prompts } = textHook({ ...promptsOf(args), classes: texts.classes, slots });
  const features = towers.text(stream, { source, pruned, prompt: hook, memory: { recompute } });
  return head(args).apply([imageFeatures(images, args, prompts), features]) as Logits;
}

/** The same with the classes in chunks. */
function chunkedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): Logits {
  const { chunks } = args.texts;
  const rows = chunks.map(({ classes }) => classes);
  const prompts = textPrompts(promptsOf(args), images, rows);
  const parts = chunks.map((_, chunk) => ({
    stream: streamOf(images, args, chunk),
    prompts: prompts.map((ofBlock) => ofBlock[chunk] ?? ofBlock[0]),
  }));
  const features = textFeaturesInChunks(parts, args);
  return head(args).apply([imageFeatures(images, args, parts[0].prompts), features]) as Logits;
}

/** No text prompts: the texts' features are worked out once, when the class names are told. */
function fixedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): Logits {
  const { config, source, texts } = args;
  const make = (name: string) => classFeatures({ name, classes: texts.classes, units: config.embedDim });
  const features = imageFeatures(images, args);
  const known = source('text/features', make).apply(images) as tfl.SymbolicTensor;
  return head(args).apply([features, known]) as Logits;
}

/** A text prompt that the image shifts: the text tower runs once for every image and class. */
function conditionedLogits(images: tfl.SymbolicTensor, args: ClipGraphArgs): Logits {
  const { config, towers, design, source, texts, pruned, textRows = TEXT_ROWS } = args;
  const random = new Random(args.seed);
  const seed = (...keys: (string | number)[]) => random.fork('prompt', ...keys).seed;
  const features = imageFeatures(images, args);
  const hiddenUnits = metaNetWidth(config);
  const shifts = source('meta_net', (name) =>
    metaNet({ name, units: config.text.width, hiddenUnits, seed: seed('meta_net') }),
  ).apply(features) as tfl.SymbolicTensor;
  const { embeddings, ends } = streamOf(images, args);
  const [rows, rowEnds] = source('text/prompt_0', (name) =>
    conditionalPrompt({ name, length: design.textLength, start: promptStart(config.text), seed: seed('text', 0) }),
  ).apply([embeddings, ends, shifts]) as tfl.SymbolicTensor[];
  const tower = source('text/tower', (name) =>
    chunkedModel({ name, model: textTowerModel(towers, config, source, pruned), rows: textRows }),
  ).apply([rows, rowEnds]) as tfl.SymbolicTensor;
  return head(args, texts.classes).apply([features, tower]) as Logits;
}

/** @param classes - where every image has text features of its own */
function head({ config, source }: ClipGraphArgs, classes?: number): tfl.layers.Layer {
  return source('logits', (name) => cosineLogits({ name, classes, useBias: config.logitBias }));
}

/** The texts of all classes, or of one chunk. */
function streamOf(images: tfl.SymbolicTensor, { config, texts, source }: ClipGraphArgs, chunk?: number): ClassStream {
  const { length, chunks } = texts;
  const name = classTokensName(chunk);
  return classStream(images, chunks[chunk ?? 0], { name, length, units: config.text.width, source });
}

/** @param prompts - the text tower's, where image prompts are made from them */
function imageFeatures(
  images: tfl.SymbolicTensor,
  args: ClipGraphArgs,
  prompts: readonly tfl.SymbolicTensor[] = [],
): tfl.SymbolicTensor {
  const { design, source, towers, pruned, recompute } = args;
  // Without image prompts nothing in the image tower is learned, but for layers that were made trainable.
  const memory: BlockMemory = { recompute, constant: design.visionDepth === 0 };
  return towers.image(images, { source, pruned, prompt: visionHook(promptsOf(args), prompts), memory });
}

function promptsOf({ design, config, source, seed }: ClipGraphArgs): PromptArgs {
  return { design, config, source, random: new Random(seed) };
}
