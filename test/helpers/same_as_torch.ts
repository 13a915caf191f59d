import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildTowers, loadTowers } from '../../src/clip/build_towers.js';
import { fileSource } from '../../src/node/file_source.js';
import { openClipWeights } from '../../src/weights/open_clip.js';
import { openSafetensors } from '../../src/weights/safetensors.js';
import { expectClose } from './close.js';

/**
 * The towers of a fixture's folder (config.json, model.safetensors) compute what PyTorch did (expected.safetensors): both
 * embeddings, of unit length, and the logits.
 */
export async function expectSameAsTorch(folder: string, tolerance: number): Promise<void> {
  const source = (name: string) => fileSource(join(folder, name));
  const configJson = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
  const { config, weights } = await openClipWeights({ weights: await source('model.safetensors'), configJson });
  const towers = buildTowers(config);
  await loadTowers(towers, weights);

  const expected = await openSafetensors(await source('expected.safetensors'));
  const tensor = async (name: string) => {
    const { shape, values } = await expected.read(name);
    return tf.tensor(values, shape);
  };
  const { shape, values } = await expected.readIntegers('input_ids');
  const ids = tf.tensor2d(values, shape as [number, number], 'int32');

  const unit = (features: tf.Tensor) => tf.div(features, tf.norm(features, 'euclidean', -1, true));
  const features = (tower: LayersModel, inputs: tf.Tensor) => tower.predict(inputs) as tf.Tensor;
  const [image, text] = [features(towers.image, await tensor('pixel_values')), features(towers.text, ids)];
  expectClose(unit(image), await tensor('image_embeds'), tolerance);
  expectClose(unit(text), await tensor('text_embeds'), tolerance);
  expectClose(towers.logits.apply([image, text]) as tf.Tensor, await tensor('logits_per_image'), 1e-4);
}
