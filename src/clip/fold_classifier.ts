import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { classFeatures, cosineLogits, deepVisionPrompt } from '../../layers/index.js';
import type { PromptDesign } from '../prompting/design.js';
import { frozenLayers, sharedLayers } from '../backbone/layer_source.js';
import { modelMetadata, setMetadata } from '../backbone/model_metadata.js';
import { visionTower, type PromptHook } from './vision_tower.js';

/**
 * A tuned model as an image classifier without text tower: the text features and the coupled image prompts depend on
 * no image, so they are worked out once and kept as frozen weights. Same logits, at the image tower's cost. The image
 * tower's layers are shared with `model`, so that folding copies no weights; prompts and features are a snapshot, to
 * be folded anew after further training.
 *
 * @param model - a model of {@link buildClip}, fresh or loaded; a folded one is returned as it is
 * @throws MapleError when the model is none of this library's, or its texts depend on the image (CoCoOp)
 */
export async function foldClassifier(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  const metadata = modelMetadata(model);
  if (metadata.folded) {
    return model;
  }
  const { config, design, classNames } = metadata;
  if (!isFoldable(design)) {
    throw new MapleError(
      'A model whose texts are conditioned on the image (CoCoOp) has no text features to fold into. Use it as it is.',
    );
  }
  const { texts, prompts } = await workOut(model, design.coupling === 'none' ? 0 : design.visionDepth);

  const existing = new Map(model.layers.map((layer) => [layer.name, layer]));
  existing.delete('logits');
  const pruned = !existing.has('vision/pool');
  const images = tfl.input({ shape: model.inputs[0].shape.slice(1), name: 'images' });
  const prompt: PromptHook = (tokens, block) => {
    const name = `vision/prompt_${block}`;
    if (block >= design.visionDepth) {
      return tokens;
    }
    if (prompts.length === 0) {
      return (existing.get(name) as tfl.layers.Layer).apply(tokens) as tfl.SymbolicTensor;
    }
    const mode = block === 0 ? 'append' : 'replace';
    const layer = deepVisionPrompt({ name, length: design.visionLength, mode, trainable: false });
    const prompted = layer.apply(tokens) as tfl.SymbolicTensor;
    layer.setWeights([prompts[block]]);
    return prompted;
  };
  const features = visionTower(images, config, sharedLayers(existing, frozenLayers), prompt, pruned);
  const [classes, units] = texts.shape as [number, number];
  const source = classFeatures({ name: 'text/features', classes, units });
  const folded = source.apply(images) as tfl.SymbolicTensor;
  source.setWeights([texts]);
  const head = cosineLogits({ name: 'logits', trainable: false });
  const logits = head.apply([features, folded]) as tfl.SymbolicTensor;
  head.setWeights(model.getLayer('logits').getWeights());
  tf.dispose([texts, ...prompts]);

  const classifier = tfl.model({ inputs: images, outputs: logits, name: 'classifier' });
  setMetadata(classifier, { ...metadata, classNames: [...classNames], folded: true });
  return classifier;
}

/** Whether a design's text features are the same for all images. */
function isFoldable({ conditioning = 'none' }: PromptDesign): boolean {
  return conditioning === 'none';
}

/** The model folded, for speed; the model itself where its texts depend on the image. */
export async function foldWherePossible(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  return isFoldable(modelMetadata(model).design) ? foldClassifier(model) : model;
}

/** The text features, and what the couplers make of the first `depth` text prompts. */
async function workOut(model: tfl.LayersModel, depth: number): Promise<{ texts: tf.Tensor; prompts: tf.Tensor[] }> {
  const inputsOf = layerInputs(model);
  const input = (layer: string) => (inputsOf.get(layer) as tfl.SymbolicTensor[])[1];
  const coupled = Array.from({ length: depth }, (_, block) => input(`vision/prompt_${block}`));
  const parts = tfl.model({ inputs: model.inputs, outputs: [input('logits'), ...coupled] });
  return tf.tidy(() => {
    // Texts and prompts ignore the image that anchors them.
    const anchor = tf.zeros([1, ...(model.inputs[0].shape.slice(1) as number[])]);
    const [texts, ...prompts] = [parts.apply(anchor)].flat() as tf.Tensor[];
    return { texts, prompts };
  });
}

/** What each layer is applied to in this model's graph: a layer that several models share has a node in each. */
function layerInputs(model: tfl.LayersModel): Map<string, tfl.SymbolicTensor[]> {
  const found = new Map<string, tfl.SymbolicTensor[]>();
  const visit = (tensor: tfl.SymbolicTensor): void => {
    const { name } = tensor.sourceLayer;
    if (!found.has(name)) {
      found.set(name, tensor.inputs);
      tensor.inputs.forEach(visit);
    }
  };
  model.outputs.forEach(visit);
  return found;
}
