import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildTowers, loadTowers, readTowers } from '../../../src/clip/build_towers.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileSource } from '../../../src/node/file_source.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import { fixturePath } from '../../helpers/fixtures.js';

/** Files of Hugging Face's CLIPModel, both activations, and SiglipModel. */
describe.each(['hf-clip-quickgelu', 'hf-clip-gelu', 'hf-siglip'])('the towers of %s', (folder) => {
  const path = (name: string) => fixturePath('formats', folder, name);

  beforeAll(async () => {
    await chooseBackend('wasm');
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
