import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildTowers, idTensor, loadTowers, readTowers } from '../../../src/clip/build_towers.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileSource } from '../../../src/node/file_source.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { expectClose } from '../../helpers/close.js';
import { fixturePath } from '../../helpers/fixtures.js';

/** What Hugging Face's CLIPModel computed; both activations. */
describe.each(['hf-clip-quickgelu', 'hf-clip-gelu'])('the towers of %s', (folder) => {
  const path = (name: string) => fixturePath('formats', folder, name);

  beforeAll(async () => {
    await chooseBackend('wasm');
  });

  test('give its image embeddings, text embeddings and logits', async () => {
    const configJson = JSON.parse(readFileSync(path('config.json'), 'utf8')) as object;
    const weights = await fileSource(path('model.safetensors'));
    const { config, weights: source } = await openClipWeights({ weights, configJson });
    const towers = buildTowers(config);
    await loadTowers(towers, source);

    const expected = await openSafetensors(await fileSource(path('expected.safetensors')));
    const tensor = async (name: string) => {
      const { shape, values } = await expected.read(name);
      return tf.tensor(values, shape);
    };
    const { shape, values } = await expected.readIntegers('input_ids');
    const ids = tf.tensor2d(values, shape as [number, number], 'int32');
    const images = await tensor('pixel_values');

    const unit = (features: tf.Tensor) => tf.div(features, tf.norm(features, 'euclidean', -1, true));
    const features = (tower: LayersModel, inputs: tf.Tensor) => tower.predict(inputs) as tf.Tensor;
    const [image, text] = [features(towers.image, images), features(towers.text, ids)];
    expectClose(unit(image), await tensor('image_embeds'), 1e-4);
    expectClose(unit(text), await tensor('text_embeds'), 1e-4);
    expectClose(towers.logits.apply([image, text]) as tf.Tensor, await tensor('logits_per_image'), 1e-4);
  });

  test('give back the weights they were loaded with', async () => {
    const configJson = JSON.parse(readFileSync(path('config.json'), 'utf8')) as object;
    const opened = await openClipWeights({ weights: await fileSource(path('model.safetensors')), configJson });
    const towers = buildTowers(opened.config);
    await loadTowers(towers, opened.weights);
    const read = await readTowers(towers);
    expect([...read.keys()].sort()).toEqual([...opened.weights.names].sort());
    for (const [name, values] of read) {
      expect(values).toEqual(await opened.weights.read(name));
    }
  });
});

test('idTensor pads behind the end token', () => {
  const ids = idTensor([
    [8, 9],
    [8, 1, 2, 9],
  ]);
  expect(ids.arraySync()).toEqual([
    [8, 9, 0, 0],
    [8, 1, 2, 9],
  ]);
});
