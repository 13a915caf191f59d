import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildTowers, loadTowers } from '../../src/clip/build_towers.js';
import { chooseBackend } from '../../src/node/backend.js';
import { fileSource } from '../../src/node/file_source.js';
import { openClipWeights } from '../../src/weights/open_clip.js';
import { openSafetensors } from '../../src/weights/safetensors.js';
import { expectClose } from '../helpers/close.js';
import { fixturePath } from '../helpers/fixtures.js';

const config = (folder: string) =>
  JSON.parse(readFileSync(fixturePath('formats', folder, 'config.json'), 'utf8')) as { model_type: string };
const folders = readdirSync(fixturePath('formats')).filter((name) =>
  existsSync(`${fixturePath('formats', name)}/config.json`),
);

test.each(['clip', 'siglip'])('there is a folder of model type %s', (type) => {
  expect(folders.map((folder) => config(folder).model_type)).toContain(type);
});

describe.each(folders)('%s: what the model of Hugging Face computes', (folder) => {
  beforeAll(async () => {
    await chooseBackend('wasm');
  });

  test('image embeddings, text embeddings and logits', async () => {
    const path = (name: string) => fixturePath('formats', folder, name);
    const weights = await fileSource(path('model.safetensors'));
    const opened = await openClipWeights({ weights, configJson: config(folder) });
    const towers = buildTowers(opened.config);
    await loadTowers(towers, opened.weights);

    const expected = await openSafetensors(await fileSource(path('expected.safetensors')));
    const tensor = async (name: string) => {
      const { shape, values } = await expected.read(name);
      return tf.tensor(values, shape);
    };
    const { shape, values } = await expected.readIntegers('input_ids');
    const ids = tf.tensor2d(values, shape as [number, number], 'int32');

    const unit = (features: tf.Tensor) => tf.div(features, tf.norm(features, 'euclidean', -1, true));
    const features = (tower: LayersModel, inputs: tf.Tensor) => tower.predict(inputs) as tf.Tensor;
    const [image, text] = [features(towers.image, await tensor('pixel_values')), features(towers.text, ids)];
    expectClose(unit(image), await tensor('image_embeds'), 1e-4);
    expectClose(unit(text), await tensor('text_embeds'), 1e-4);
    expectClose(towers.logits.apply([image, text]) as tf.Tensor, await tensor('logits_per_image'), 1e-4);
  });
});
