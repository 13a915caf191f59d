import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { chooseBackend } from '../../src/node/backend.js';
import { fixturePath } from '../helpers/fixtures.js';
import { expectSameAsTorch } from '../helpers/same_as_torch.js';

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
    await expectSameAsTorch(fixturePath('formats', folder), 1e-4);
  });
});
