import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGLIP_IMAGE_STATISTICS, type ClipConfig } from '../../../src/clip/config.js';
import { SIGLIP_FORM } from '../../../src/clip/siglip_form.js';
import { SiglipTokenizer } from '../../../src/tokenizers/siglip_tokenizer.js';
import { convert } from '../../../src/node/convert.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { saveBackbone } from '../../../src/node/save_backbone.js';
import { classPromptIds } from '../../../src/prompting/class_prompts.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { memorySource } from '../../../src/weights/byte_source.js';
import { openClip } from '../../../src/weights/open_clip.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { HubServer } from '../../helpers/hub_server.js';
import { allWeights, saveWhole } from '../../helpers/saved_backbone.js';
import { siglipPieces, siglipTokenizerFixture } from '../../helpers/siglip_tokenizers.js';
import { tinyBackbone, tinyTokenizer } from '../../helpers/tiny_clip.js';

const siglip = siglipTokenizerFixture('siglip');
const siglip2 = siglipTokenizerFixture('siglip2');
const tower = { width: 32, layers: 2, heads: 2, mlpWidth: 48, activation: 'geluTanh', epsilon: 1e-6 } as const;
const config: ClipConfig = {
  embedDim: 32,
  logitBias: true,
  vision: { ...tower, imageSize: 16, patchSize: 8, ...SIGLIP_FORM.vision },
  text: { ...tower, contextLength: 64, vocabularySize: 600, ...SIGLIP_FORM.text },
};
const work = mkdtempSync(join(tmpdir(), 'maple-siglip-'));
const saved = join(work, 'saved');
let weights: [string, Float32Array][];

beforeAll(async () => {
  weights = await allWeights(randomWeights(config, 1));
  await save(saved, SiglipTokenizer.fromJson(siglip.json, siglip.config));
});

afterAll(() => rmSync(work, { recursive: true }));

async function save(folder: string, tokenizer: SiglipTokenizer): Promise<void> {
  await saveBackbone(folder, { config, tokenizer, imageStatistics: SIGLIP_IMAGE_STATISTICS, weights });
}

/** A copy of the saved folder with other files: an object or bytes, or nothing in a file's place. */
function folderWith(name: string, files: Record<string, object | undefined>): string {
  const folder = join(work, name);
  cpSync(saved, folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    rmSync(join(folder, file), { force: true });
    if (content !== undefined) {
      writeFileSync(join(folder, file), content instanceof Uint8Array ? content : JSON.stringify(content));
    }
  }
  return folder;
}

describe('saveBackbone then loadBackbone of a SigLIP', () => {
  test.each([
    ['SigLIP', siglip],
    ['SigLIP 2', siglip2],
  ])('gives all of %s back', async (name, { json, config: tokenizerConfig, cases }) => {
    const folder = join(work, name);
    await save(folder, SiglipTokenizer.fromJson(json, tokenizerConfig));
    expect(readdirSync(folder).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const backbone = await loadBackbone(folder);
    expect(backbone.config).toEqual(config);
    expect(backbone.imageStatistics).toEqual(SIGLIP_IMAGE_STATISTICS);
    const others = cases.filter(({ text, ids }) => backbone.tokenizer.encode(text).join() !== ids.join());
    expect(others).toEqual([]);
    for (const [weight, values] of weights) {
      expect((await backbone.weights.read(weight)).values).toEqual(values);
    }
  });

  test('convert writes it again, in half precision', async () => {
    const target = join(work, 'converted');
    expect(await convert(saved, target, { dtype: 'F16' })).toMatchObject({ from: 'backbone', to: 'backbone' });
    const [one, again] = [await loadBackbone(saved), await loadBackbone(target)];
    expect(again.config).toEqual(one.config);
    expect(again.tokenizer.files).toEqual(one.tokenizer.files);
  });

  test('config.json states the special tokens', async () => {
    const folder = join(work, 'tokens');
    await save(folder, SiglipTokenizer.fromJson(siglip2.json, siglip2.config));
    const json = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
    expect(json).toMatchObject({ model_type: 'siglip', text_config: { eos_token_id: 1, pad_token_id: 0 } });
  });
});

describe('loadBackbone of a SigLIP folder', () => {
  test("as Google's repositories hold it", async () => {
    const folder = folderWith('hub', { 'tokenizer.json': siglip.json, 'tokenizer_config.json': siglip.config });
    const { tokenizer } = await loadBackbone(folder);
    expect(tokenizer).toMatchObject({ endToken: 1, padding: 1, maxLength: 64 });
    expect(siglip.cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join())).toEqual([]);
  });

  test('with spiece.model alone', async () => {
    const folder = folderWith('pieces', {
      'tokenizer.json': undefined,
      'tokenizer_config.json': undefined,
      'spiece.model': siglipPieces(),
    });
    const { tokenizer } = await loadBackbone(folder);
    expect(siglip.cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join())).toEqual([]);
  });

  test('of a hub, of which the files that are needed are fetched', async () => {
    const server = new HubServer();
    const hubUrl = await server.start();
    try {
      const others = { 'spiece.model': Buffer.alloc(5000), 'special_tokens_map.json': Buffer.from('{}') };
      server.serveFolder('a/siglip', saved, others);
      const args = { cache: join(work, 'hub cache'), hubUrl, progress: null };
      const { tokenizer } = await loadBackbone('a/siglip', args);
      expect(siglip.cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join())).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  test('beside a configuration of open_clip', async () => {
    const folder = folderWith('both', { 'open_clip_config.json': { model_cfg: {}, preprocess_cfg: {} } });
    expect((await loadBackbone(folder)).config).toEqual(config);
  });

  test('from files in memory, as in a browser', async () => {
    const backbone = await openClip({
      name: 'fetched',
      identity: 'abc',
      weights: memorySource('model.safetensors', new Uint8Array(readFileSync(join(saved, 'model.safetensors')))),
      configJson: JSON.parse(readFileSync(join(saved, 'config.json'), 'utf8')) as object,
      tokenizer: SiglipTokenizer.fromJson(siglip.json, siglip.config),
    });
    expect(backbone.config).toEqual(config);
    expect(backbone.imageStatistics).toEqual(SIGLIP_IMAGE_STATISTICS);
    expect((await backbone.weights.read(weights[0][0])).values).toEqual(weights[0][1]);
  });

  test.each([
    ['SigLIP', siglip, 'a cat </s> dog'],
    ['SigLIP', siglip, '</s>'],
    ['SigLIP 2', siglip2, 'a cat<eos>'],
  ])('a class name of %s must not hold the end token', (_, { json, config: tokenizerConfig }, name) => {
    const tokenizer = SiglipTokenizer.fromJson(json, tokenizerConfig);
    const design = promptDesign('zeroShot', config);
    expect(classPromptIds({ config, tokenizer }, design, ['border_collie'])).toEqual([
      tokenizer.encode('a photo of a border collie.'),
    ]);
    expect(() => classPromptIds({ config, tokenizer }, design, [name])).toThrow(/must not hold the tokeniser's/);
  });

  test("without preprocessor_config.json takes SigLIP's way with pictures", async () => {
    const backbone = await loadBackbone(folderWith('no pictures', { 'preprocessor_config.json': undefined }));
    expect(backbone.imageStatistics).toEqual(SIGLIP_IMAGE_STATISTICS);
  });

  test.each([
    ['no tokeniser', { 'tokenizer.json': undefined }, /must hold tokenizer.json or spiece.model, SigLIP's tokeniser/],
    [
      'a damaged tokeniser',
      { 'tokenizer.json': { model: {} } },
      /tokenizer.json: A SigLIP tokeniser must be a Unigram/,
    ],
    [
      'too short texts',
      { 'tokenizer.json': siglip.json, 'tokenizer_config.json': { ...siglip.config, model_max_length: 16 } },
      /must pad texts to 64 tokens.*Received: model_max_length=16/,
    ],
  ])('refuses %s', async (name, files, message) => {
    await expect(loadBackbone(folderWith(`refused ${name}`, files))).rejects.toThrow(message);
  });

  test('refuses a tokeniser of the other kind', async () => {
    await expect(loadBackbone(saved, { tokenizer: await tinyTokenizer() })).rejects.toThrow(
      /must begin with no start token. Received: a tokeniser that puts one there/,
    );
    const folder = join(work, 'clip');
    await saveWhole(folder, await tinyBackbone());
    const other = SiglipTokenizer.fromJson(siglip.json, siglip.config);
    await expect(loadBackbone(folder, { tokenizer: other })).rejects.toThrow(
      /must begin with a start token. Received: a tokeniser that puts none there/,
    );
  });

  test('refuses more ids than the text tower has embeddings', async () => {
    const pieces = Array.from({ length: 301 }, (_, id) => [`<unused${id}>`, -20]);
    const model = siglip.json.model as { vocab: unknown[] };
    const json = { ...siglip.json, model: { ...model, vocab: [...model.vocab, ...pieces] } };
    const folder = folderWith('large', { 'tokenizer.json': json, 'tokenizer_config.json': siglip.config });
    await expect(loadBackbone(folder)).rejects.toThrow(/must have at most 600 ids.*Received: 601/);
  });
});
