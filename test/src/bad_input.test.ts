import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from '../../src/backbone/backbone.js';
import { buildClip } from '../../src/clip/build_clip.js';
import type { ClipConfig } from '../../src/clip/config.js';
import { loadBackbone } from '../../src/node/load_backbone.js';
import { saveBackbone } from '../../src/node/save_backbone.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { CLIP_IMAGE_STATISTICS } from '../../src/clip/config.js';
import { randomWeights } from '../../src/weights/random_weights.js';
import { tinyBackbone, tinyConfig, tinyTokenizer } from '../helpers/tiny_clip.js';

const NARROW = tinyConfig();
const WIDE = tinyConfig({ vision: { width: 48, mlpWidth: 96 } });
let work: string;

beforeAll(async () => {
  await tf.setBackend('cpu');
  work = await mkdtemp(join(tmpdir(), 'maple-bad-input-'));
  await save('narrow', NARROW);
  await save('wide', WIDE);
});

afterAll(() => rm(work, { recursive: true }));

/** Writes a random CLIP in Hugging Face's layout. */
async function save(name: string, config: ClipConfig): Promise<void> {
  const source = randomWeights(config, 1);
  const read = source.names.map(async (weight) => [weight, (await source.read(weight)).values] as const);
  const weights = await Promise.all(read);
  const tokenizer = await tinyTokenizer();
  await saveBackbone(join(work, name), { config, tokenizer, imageStatistics: CLIP_IMAGE_STATISTICS, weights });
}

function build(backbone: Backbone): Promise<unknown> {
  const design = promptDesign('maple', backbone.config);
  return buildClip(backbone, { classNames: ['cat', 'dog'], design });
}

describe('a checkpoint of another width', () => {
  test('each of the two folders builds as it is', async () => {
    await expect(build(await loadBackbone(join(work, 'narrow')))).resolves.toBeDefined();
    await expect(build(await loadBackbone(join(work, 'wide')))).resolves.toBeDefined();
  });

  test('is refused by loadBackbone with every tensor that does not fit', async () => {
    await save('mixed', NARROW);
    await copyFile(join(work, 'wide', 'model.safetensors'), join(work, 'mixed', 'model.safetensors'));
    const error = (await loadBackbone(join(work, 'mixed')).catch((caught: unknown) => caught)) as Error;
    expect(error.name).toBe('MapleError');
    expect(error.message).toMatch(/mixed.model.safetensors does not hold the weights of this configuration/);
    expect(error.message).toMatch(/vision_model.embeddings.class_embedding is \[48\], expected \[32\]/);
    expect(error.message).toMatch(/vision_model.encoder.layers.1.mlp.fc1.weight is \[96, 48\], expected \[64, 32\]/);
    expect(error.message).toMatch(/config.json.* belong to the same model\?/);
    expect(error.message).not.toMatch(/text_model/);
  });

  test('is refused by buildClip, for a backbone made by hand', async () => {
    const backbone = { ...(await tinyBackbone()), config: WIDE };
    await expect(build(backbone)).rejects.toThrow(
      /weights do not fit its configuration: vision\/patches\/kernel is \[8, 8, 3, 32\], expected \[8, 8, 3, 48\]; /,
    );
    const { numTensors } = tf.memory();
    await expect(build(backbone)).rejects.toMatchObject({ name: 'MapleError' });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('is refused before any weight is read', async () => {
    let reads = 0;
    const tiny = await tinyBackbone();
    const read = (name: string) => {
      reads++;
      return tiny.weights.read(name);
    };
    const backbone = { ...tiny, config: WIDE, weights: { ...tiny.weights, read } };
    await expect(build(backbone)).rejects.toThrow(/do not fit/);
    expect(reads).toBe(0);
  });
});

test('a checkpoint that loses its end after it was opened is told by its path', async () => {
  await save('cut', NARROW);
  const backbone = await loadBackbone(join(work, 'cut'));
  const file = join(work, 'cut', 'model.safetensors');
  await truncate(file, (await readFile(file)).length / 2);
  await expect(build(backbone)).rejects.toThrow(`${file} changed since it was opened`);
  await expect(loadBackbone(join(work, 'cut'))).rejects.toThrow(
    /cut.model.safetensors is not a valid safetensors file/,
  );
});

test('a config.json with another depth than its weights is refused with the missing layer', async () => {
  await save('deep', NARROW);
  const path = join(work, 'deep', 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { text_config: Record<string, unknown> };
  config.text_config.num_hidden_layers = 3;
  await writeFile(path, JSON.stringify(config));
  await expect(loadBackbone(join(work, 'deep'))).rejects.toThrow(
    /missing: text_model.encoder.layers.2.layer_norm1.weight \[24\]/,
  );
});
