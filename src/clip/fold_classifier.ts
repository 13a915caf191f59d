import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { classFeatures, cosineLogits, DeepVisionPrompt, deepVisionPrompt } from '../../layers/index.js';
import type { CosineLogitsArgs, DeepVisionPromptArgs } from '../../layers/index.js';
import type { PromptDesign } from '../prompting/design.js';
import { modelMetadata, setMetadata } from '../backbone/model_metadata.js';
import { applyAgain } from './apply_again.js';

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
  const { design, classNames } = metadata;
  if (!isFoldable(design)) {
    throw new MapleError(
      'A model whose texts are conditioned on the image (CoCoOp) has no text features to fold into. Use it as it is.',
    );
  }
  const [imageFeatures, textFeatures] = model.outputs[0].inputs;
  const coupled = coupledPrompts(imageFeatures);
  const [texts, ...prompts] = workOut(model, [textFeatures, ...coupled.map(({ inputs }) => inputs[1])]);

  const images = tfl.input({ shape: model.inputs[0].shape.slice(1), name: 'images' });
  const values = new Map(coupled.map((tensor, index) => [tensor, prompts[index]]));
  const features = applyAgain(imageFeatures, new Map([[model.inputs[0], images]]), (tensor, again) => {
    const value = values.get(tensor);
    return value && prompted(tensor, again, value);
  });
  const [classes, units] = texts.shape as [number, number];
  const source = classFeatures({ name: 'text/features', classes, units });
  const folded = source.apply(images) as tfl.SymbolicTensor;
  source.setWeights([texts]);
  const trained = model.getLayer('logits');
  const head = cosineLogits({ ...(trained.getConfig() as CosineLogitsArgs), trainable: false });
  const logits = head.apply([features, folded]) as tfl.SymbolicTensor;
  head.setWeights(trained.getWeights());
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

/**
 * Outputs of the layers that put a coupler's prompt among the tokens, in the graph that leads to a tensor.
 * @param seen - tensors not to follow: in a tower of residual sums the ways to a tensor double with every sum
 */
function coupledPrompts(tensor: tfl.SymbolicTensor, seen = new Set<tfl.SymbolicTensor>()): tfl.SymbolicTensor[] {
  if (seen.has(tensor)) {
    return [];
  }
  seen.add(tensor);
  const inputs = tensor.inputs.slice(0, isCoupled(tensor) ? 1 : undefined);
  const before = inputs.flatMap((input) => coupledPrompts(input, seen));
  return isCoupled(tensor) ? [...before, tensor] : before;
}

function isCoupled({ sourceLayer, inputs }: tfl.SymbolicTensor): boolean {
  return sourceLayer instanceof DeepVisionPrompt && inputs.length === 2;
}

/** Values of tensors of the graph that depend on no image. */
function workOut(model: tfl.LayersModel, outputs: tfl.SymbolicTensor[]): tf.Tensor[] {
  const parts = tfl.model({ inputs: model.inputs, outputs });
  // Texts and prompts ignore the image that anchors them.
  return tf.tidy(
    () => [parts.apply(tf.zeros([1, ...(model.inputs[0].shape.slice(1) as number[])]))].flat() as tf.Tensor[],
  );
}

function prompted(
  { sourceLayer, inputs }: tfl.SymbolicTensor,
  again: (input: tfl.SymbolicTensor) => tfl.SymbolicTensor,
  value: tf.Tensor,
): tfl.SymbolicTensor {
  const layer = deepVisionPrompt({ ...(sourceLayer.getConfig() as unknown as DeepVisionPromptArgs), trainable: false });
  const result = layer.apply(again(inputs[0])) as tfl.SymbolicTensor;
  layer.setWeights([value]);
  return result;
}
