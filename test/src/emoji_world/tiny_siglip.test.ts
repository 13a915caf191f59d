import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import { emojiSiglipConfig, emojiSiglipTokenizer } from '../../../src/emoji_world/tiny_models.js';
import { runBaseToNew } from '../../../src/evaluation/base_to_new.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { loadPrompts, savePrompts } from '../../../src/node/prompt_folder.js';
import { saveBackbone } from '../../../src/node/save_backbone.js';
import { recipes } from '../../../src/training/recipe.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { expectClose } from '../../helpers/close.js';
import { allWeights } from '../../helpers/saved_backbone.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { somePictures } from '../../helpers/tuned_clip.js';

const ENVIRONMENT = { version: '0', tfjs: '4', backend: 'wasm', device: 'test' };

describe("the tiny model in SigLIP's form, saved and loaded", () => {
  let folder: string;
  let backbone: TransformerBackbone;

  beforeAll(async () => {
    await chooseBackend('wasm');
    folder = await mkdtemp(join(tmpdir(), 'maple-siglip-'));
    const tokenizer = emojiSiglipTokenizer();
    const config = emojiSiglipConfig(tokenizer.vocabularySize);
    const weights = await allWeights(randomWeights(config, 1));
    await saveBackbone(folder, { config, tokenizer, imageStatistics: CLIP_IMAGE_STATISTICS, weights });
    backbone = await loadBackbone(folder);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('is the same architecture, with the same words and statistics', () => {
    const tokenizer = emojiSiglipTokenizer();
    expect(backbone.config).toEqual(emojiSiglipConfig(tokenizer.vocabularySize));
    expect(backbone.tokenizer.encode('a photo of a dog face.')).toEqual(tokenizer.encode('a photo of a dog face.'));
    expect(backbone.tokenizer.padding).toBe(tokenizer.padding);
    expect(backbone.imageStatistics).toEqual(expect.objectContaining(CLIP_IMAGE_STATISTICS));
  });

  test.each(['softmax', 'sigmoid'] as const)('MaPLe is tuned on it with the %s loss, base to new', async (loss) => {
    const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 3, loss };
    const run = await runBaseToNew({
      backbone,
      dataset: tinyDataset(),
      method: 'maple',
      recipe,
      environment: ENVIRONMENT,
    });
    const { record, model } = run;
    expect(record.recipe?.loss).toBe(loss);
    expect(record.design).toMatchObject({ textDepth: 3, visionDepth: 3, coupling: 'perLayer' });
    const losses = record.history.map((epoch) => epoch.loss);
    expect(losses[2]).toBeLessThan(losses[0]);
    // From a bias of -10 and a temperature of 10, most of the first loss is that of the right classes' no.
    expect(losses[0] > 3).toBe(loss === 'sigmoid');

    const prompts = join(folder, loss);
    await savePrompts(model, prompts);
    const again = await loadPrompts(prompts, backbone);
    const pictures = somePictures(backbone, 3);
    const logits = (of: LayersModel) => of.predict(pictures) as tf.Tensor;
    expectClose(logits(again), logits(model), 0);
    tf.disposeVariables();
  });
});
