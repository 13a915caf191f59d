import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../src/backbone/backbone.js';
import { buildClip, type ClipModelOptions } from '../../src/clip/build_clip.js';
import { promptDesign, type Method } from '../../src/prompting/presets.js';
import { promptSgd } from '../../src/training/sgd.js';

/** Pictures for a backbone, [count, H, W, 3], the same at every call. */
export function somePictures(backbone: Backbone, count: number): tf.Tensor4D {
  const side = backbone.config.vision.imageSize;
  return tf.randomNormal([count, side, side, 3], 0, 1, 'float32', 7);
}

/** A model that has learned one step, so that no prompt has its initial value. */
export async function tunedClip(
  backbone: Backbone,
  method: Method,
  options: Omit<ClipModelOptions, 'design'>,
): Promise<LayersModel> {
  const model = await buildClip(backbone, { ...options, design: promptDesign(method, backbone.config) });
  model.compile({
    optimizer: promptSgd({ learningRate: 0.5 }),
    loss: (target, output) => tf.losses.softmaxCrossEntropy(target, output),
  });
  const count = options.classNames.length;
  const [images, labels] = [somePictures(backbone, count), tf.oneHot(tf.range(0, count, 1, 'int32'), count)];
  await model.trainOnBatch(images, labels);
  tf.dispose([images, labels]);
  return model;
}
