import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { modelMetadata } from '../../src/backbone/model_metadata.js';
import { chooseBackend } from '../../src/node/backend.js';
import { loadClipTokenizer } from '../../src/node/clip_tokenizer.js';
import { fileSource } from '../../src/node/file_source.js';
import { loadOfficialPrompts } from '../../src/node/official_checkpoint.js';
import { openSafetensors } from '../../src/weights/safetensors.js';
import { expectClose } from '../helpers/close.js';
import { compactTokenizer } from '../helpers/compact_tokenizer.js';
import { fixturePath, readJsonFixture } from '../helpers/fixtures.js';

interface Manifest {
  architecture: { vision_layers: number; transformer_layers: number; image_resolution: number };
  classes: string[];
  depth: number;
  length: number;
  compact_vocabulary: number[];
}

const manifest = readJsonFixture<Manifest>('formats', 'torch', 'manifest.json');
const checkpoint = readdirSync(fixturePath('formats', 'torch')).find((name) => name.startsWith('model.pth')) as string;

describe(`${checkpoint}: a checkpoint as the official MaPLe code writes it`, () => {
  beforeAll(async () => {
    await chooseBackend('wasm');
  });

  test('gives the tuned model, and its logits', async () => {
    const { architecture, classes: classNames, depth, length, compact_vocabulary: vocabulary } = manifest;
    const tokenizer = compactTokenizer(await loadClipTokenizer(), vocabulary);
    const model = await loadOfficialPrompts(fixturePath('formats', 'torch', checkpoint), { classNames, tokenizer });
    const { config, design } = modelMetadata(model);
    expect(design).toMatchObject({ textDepth: depth, textLength: length, coupling: 'perLayer' });
    expect([config.vision.layers, config.text.layers]).toEqual([
      architecture.vision_layers,
      architecture.transformer_layers,
    ]);
    expect(config.vision.imageSize).toBe(architecture.image_resolution);

    const expected = await openSafetensors(await fileSource(fixturePath('formats', 'torch', 'expected.safetensors')));
    const tensor = async (name: string) => {
      const { shape, values } = await expected.read(name);
      return tf.tensor(values, shape);
    };
    // To 1e-4 of a logit's size, and no closer: of the texts' token embeddings the checkpoint holds the half precision
    // only. PyTorch itself, reading the same file in double precision, comes out 3.0e-4 from these logits of up to 3.
    const logits = await tensor('logits');
    const largest = tf.max(tf.abs(logits)).dataSync()[0];
    expectClose(model.predict(await tensor('images')) as tf.Tensor, logits, 1e-4 * Math.max(1, largest));
  });
});
