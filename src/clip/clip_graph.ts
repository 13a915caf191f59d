import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { classTokens, cosineLogits } from '../../layers/index.js';
import { promptHooks } from '../prompting/attach.js';
import { prefixIds, type ClassPromptIds } from '../prompting/class_prompts.js';
import { startsFromWords, type PromptDesign } from '../prompting/design.js';
import { Random } from '../random.js';
import type { Backbone, WeightValues } from './backbone.js';
import type { ClipConfig } from './config.js';
import type { LayerSource } from './layer_source.js';
import { textTower } from './text_tower.js';
import { visionTower } from './vision_tower.js';

/** What a classifier's graph is made of. */
export interface ClipGraphArgs {
  config: ClipConfig;
  design: PromptDesign;
  ids: ClassPromptIds;
  source: LayerSource;
  /** Seed of the initial prompts and couplers. */
  seed: number;
  pruned: boolean;
}

/** Functional model: both towers on the image input, then the head. */
export function clipGraph({ config, design, ids, source, seed, pruned }: ClipGraphArgs): tfl.LayersModel {
  const { imageSize } = config.vision;
  const images = tfl.input({ shape: [imageSize, imageSize, 3], name: 'images' });
  const length = pruned ? Math.max(...ids.map((text) => text.length)) : config.text.contextLength;
  const hooks = promptHooks(design, config, source, new Random(seed));

  const tokens = source('text/class_tokens', (name) =>
    classTokens({ name, classes: ids.length, length, units: config.text.width }),
  );
  const [embeddings, ends] = tokens.apply(images) as tfl.SymbolicTensor[];
  const texts = textTower(embeddings, ends, config, source, hooks.text, pruned);
  const features = visionTower(images, config, source, hooks.vision, pruned);
  const logits = source('logits', (name) => cosineLogits({ name })).apply([features, texts]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: images, outputs: logits, name: 'clip' });
}

/** A backbone's token embeddings: at CLIP's size 100 MB, to be read once for all that is looked up in them. */
export async function readTokenTable({ weights }: Backbone): Promise<WeightValues> {
  return weights.read('text/token_embedding/embeddings');
}

/** Writes the class prompts' token embeddings and end positions into a graph's source layer. */
export function writeClassTokens(model: tfl.LayersModel, table: WeightValues, ids: ClassPromptIds): void {
  const [classes, length] = model.getLayer('text/class_tokens').weights[0].shape as [number, number, number];
  tf.tidy(() => {
    const padded = ids.map((text) => [...text, ...Array<number>(length - text.length).fill(0)]);
    const ends = tf.tensor1d(ids.map((text) => text.length - 1));
    model.getLayer('text/class_tokens').setWeights([embed(padded.flat(), table, [classes, length]), ends]);
  });
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
  tf.tidy(() => model.getLayer('text/prompt_0').setWeights([embed(words, table, [words.length])]));
}

/** Rows of the embedding table, laid out as `shape` plus the width. */
function embed(ids: readonly number[], table: WeightValues, shape: number[]): tf.Tensor {
  const width = table.shape[1];
  const values = new Float32Array(ids.length * width);
  ids.forEach((id, row) => values.set(table.values.subarray(id * width, (id + 1) * width), row * width));
  return tf.tensor(values, [...shape, width]);
}
