import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backbone } from '../../../src/clip/backbone.js';
import type { ClipTokenizer } from '../../../src/clip/tokenizer.js';
import { pruneTokenizer } from '../../../src/clip/tokenizer_pruning.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fileSource } from '../../../src/node/file_source.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { saveBackbone } from '../../../src/node/save_backbone.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import type { ClipBackbone } from '../../../src/weights/open_clip.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { compactTokenizer } from '../../helpers/compact_tokenizer.js';
import { fixturePath, readJsonFixture } from '../../helpers/fixtures.js';

const openAiFile = fixturePath('tiny-clip', 'clip.safetensors');
const manifest = readJsonFixture<{ compact_vocabulary: number[]; base: string[] }>('tiny-clip', 'manifest.json');
const statistics = { mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.25, 0.3] } as const;
const work = mkdtempSync(join(tmpdir(), 'maple-backbone-'));
let clipTokenizer: ClipTokenizer;
let tiny: ClipBackbone;
let weights: [string, Float32Array][];

beforeAll(async () => {
  clipTokenizer = await loadClipTokenizer();
  const tokenizer = compactTokenizer(clipTokenizer, manifest.compact_vocabulary);
  tiny = await loadBackbone(openAiFile, { tokenizer });
  weights = [];
  for (const name of tiny.weights.names) {
    weights.push([name, (await tiny.weights.read(name)).values]);
  }
});

afterAll(() => rmSync(work, { recursive: true }));

describe('a single file with OpenAI names', () => {
  test('is a backbone named by its path and identified by its SHA-256', () => {
    expect(tiny.name).toBe(openAiFile);
    expect(tiny.identity).toBe(createHash('sha256').update(readFileSync(openAiFile)).digest('hex'));
    expect(tiny.weights.names.length).toBe(14 + 12 * (tiny.config.vision.layers + tiny.config.text.layers));
  });

  test("takes CLIP's own tokeniser by default, whose ids this small model cannot embed", async () => {
    await expect(loadBackbone(openAiFile)).rejects.toThrow(/Received: 49408/);
  });

  test('that is missing or damaged is told by its path', async () => {
    await expect(loadBackbone(join(work, 'none.safetensors'))).rejects.toThrow(
      /none.safetensors cannot be read: ENOENT/,
    );
    const cut = join(work, 'cut.safetensors');
    writeFileSync(cut, readFileSync(openAiFile).subarray(0, 100_000));
    await expect(loadBackbone(cut)).rejects.toThrow(/cut.safetensors is not a valid safetensors file: .*complete/);
  });
});

describe('saveBackbone then loadBackbone', () => {
  test.each(['F32', 'F16', 'BF16'] as const)('gives every weight back (%s)', async (dtype) => {
    const folder = join(work, `saved-${dtype}`);
    await saveBackbone(folder, {
      config: tiny.config,
      tokenizer: tiny.tokenizer,
      imageStatistics: statistics,
      weights,
      dtype,
      metadata: { trained: 'no' },
    });
    const loaded = await loadBackbone(folder);
    expect(loaded.config).toEqual(tiny.config);
    expect(loaded.imageStatistics).toEqual(statistics);
    expect(loaded.tokenizer.encode(`a photo of a ${manifest.base[1]}.`)).toEqual(
      tiny.tokenizer.encode(`a photo of a ${manifest.base[1]}.`),
    );
    // The fixture is F16, so only BF16 loses digits: 8 bits are kept.
    const tolerance = dtype === 'BF16' ? 2 ** -8 : 0;
    for (const [name, expected] of weights) {
      const { values } = await loaded.weights.read(name);
      expect(values.length).toBe(expected.length);
      const worst = values.findIndex(
        (value, i) => !(Math.abs(value - expected[i]) <= tolerance * Math.abs(expected[i])),
      );
      expect([name, worst]).toEqual([name, -1]);
    }
    const file = await openSafetensors(await fileSource(join(folder, 'model.safetensors')));
    expect(file.names.map((name) => file.dtype(name))).toEqual(file.names.map(() => dtype));
    expect([...file.metadata]).toEqual([
      ['format', 'pt'],
      ['trained', 'no'],
    ]);
    expect(file.shape('vision_model.encoder.layers.0.self_attn.k_proj.weight')).toEqual([
      tiny.config.vision.width,
      tiny.config.vision.width,
    ]);
    expect(readdirSync(folder).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'preprocessor_config.json',
      'tokenizer.json',
    ]);
  });

  test('writes the names and shapes of a real Hugging Face checkpoint', async () => {
    const source = fixturePath('formats', 'hf-clip-gelu');
    const loaded = await openFixture(source);
    const folder = join(work, 'again');
    await saveBackbone(folder, { ...loaded, tokenizer: tiny.tokenizer, imageStatistics: statistics });
    const [one, other] = [
      await openSafetensors(await fileSource(join(source, 'model.safetensors'))),
      await openSafetensors(await fileSource(join(folder, 'model.safetensors'))),
    ];
    expect([...other.names].sort()).toEqual([...one.names].sort());
    for (const name of one.names) {
      expect(await other.read(name)).toEqual(await one.read(name));
    }
  });

  test('refuses weights that are not those of the configuration', async () => {
    const save = (changed: [string, Float32Array][]): Promise<void> =>
      saveBackbone(join(work, 'never'), { ...tiny, weights: changed });
    await expect(save(weights.slice(1))).rejects.toThrow(/Missing: vision\/patches\/kernel. Unexpected: none/);
    await expect(save([...weights, ['more', new Float32Array(1)]])).rejects.toThrow(/Unexpected: more/);
    await expect(save([...weights.slice(1), [weights[0][0], new Float32Array(1)]])).rejects.toThrow(
      /"vision\/patches\/kernel" must have \d+ values. Received: 1/,
    );
    expect(readdirSync(work)).not.toContain('never');
    const huge = tiny.weights.names.map((name): [string, Float32Array] => [
      name,
      weights.find(([other]) => other === name)![1].map(() => 1e6),
    ]);
    await expect(saveBackbone(join(work, 'never'), { ...tiny, weights: huge, dtype: 'F16' })).rejects.toThrow(
      /F16 cannot hold 1000000/,
    );
    expect(readdirSync(work)).not.toContain('never');
  });

  test('leaves what was there when it cannot write', async () => {
    const folder = join(work, 'blocked');
    mkdirSync(join(folder, 'tokenizer.json'), { recursive: true });
    writeFileSync(join(folder, 'config.json'), 'old');
    const saving = saveBackbone(folder, { ...tiny, weights });
    await expect(saving).rejects.toThrow(/blocked cannot be written: .*tokenizer.json is a folder/);
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'tokenizer.json']);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('old');
    writeFileSync(join(work, 'a-file'), '');
    await expect(saveBackbone(join(work, 'a-file', 'x'), { ...tiny, weights })).rejects.toThrow(
      /is a file, not a folder/,
    );
  });
});

describe('a folder', () => {
  const folder = join(work, 'folder');
  const source = fixturePath('formats', 'hf-clip-quickgelu');
  const file = (name: string): string => join(folder, name);

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    copyFileSync(join(source, 'config.json'), file('config.json'));
    copyFileSync(join(source, 'model.safetensors'), file('model.safetensors'));
  });

  test('without weights, or with others than safetensors, is told what to do', async () => {
    rmSync(file('model.safetensors'));
    await expect(loadBackbone(folder)).rejects.toThrow(/must hold model.safetensors. Download it/);
    writeFileSync(file('pytorch_model.bin'), '');
    await expect(loadBackbone(folder)).rejects.toThrow(/pytorch_model.bin\) are not read: convert them/);
    writeFileSync(file('model.safetensors.index.json'), '{}');
    await expect(loadBackbone(folder)).rejects.toThrow(/several files are not supported/);
  });

  test('without a tokeniser, or with a bad one', async () => {
    await expect(loadBackbone(folder)).rejects.toThrow(/must hold tokenizer.json, or a tokeniser must be given/);
    writeFileSync(file('tokenizer.json'), '{"model":{"type":"WordPiece"}}');
    await expect(loadBackbone(folder)).rejects.toThrow(/tokenizer.json: A CLIP tokeniser must be a byte-pair one/);
    writeFileSync(file('tokenizer.json'), '[]');
    await expect(loadBackbone(folder)).rejects.toThrow(/tokenizer.json must hold a JSON object/);
  });

  test('with a config.json that is missing, no JSON, or of another model', async () => {
    const config = JSON.parse(readFileSync(file('config.json'), 'utf8')) as Record<string, Record<string, unknown>>;
    const withConfig = (changed: object): Promise<Backbone> => {
      writeFileSync(file('config.json'), JSON.stringify(changed));
      return loadBackbone(folder, { tokenizer: pruneTokenizer(clipTokenizer, []) });
    };
    await expect(withConfig({ ...config, model_type: 'siglip' })).rejects.toThrow(/must be clip; .* Received: siglip/);
    await expect(
      withConfig({ ...config, vision_config: { ...config.vision_config, hidden_act: 'gelu_new' } }),
    ).rejects.toThrow(/`vision_config.hidden_act` .* quick_gelu or gelu. Received: gelu_new/);
    await expect(
      withConfig({ ...config, text_config: { ...config.text_config, num_attention_heads: 5 } }),
    ).rejects.toThrow(/config.json: `text.width` must be a multiple of `text.heads`/);
    await expect(
      withConfig({ ...config, vision_config: { ...config.vision_config, num_channels: 1 } }),
    ).rejects.toThrow(/num_channels.* must be 3 .* Received: 1/);
    await expect(withConfig({ ...config, projection_dim: 41 })).rejects.toThrow(
      /text_projection.weight is \[40, 64\], expected \[41, 64\]/,
    );
    await expect(withConfig({ ...config, text_config: 3 })).rejects.toThrow(/`text_config` .* must be an object/);
    writeFileSync(file('config.json'), '{');
    await expect(loadBackbone(folder)).rejects.toThrow(/config.json must be a readable JSON file/);
    rmSync(file('config.json'));
    await expect(loadBackbone(folder)).rejects.toThrow(/config.json must be a readable JSON file: ENOENT/);
  });

  test('with bad image statistics', async () => {
    writeFileSync(file('preprocessor_config.json'), '{"image_mean":[1,2,3],"image_std":[1,0,1]}');
    const loading = loadBackbone(folder, { tokenizer: tiny.tokenizer });
    await expect(loading).rejects.toThrow(/`image_std` of .* three numbers above 0, .* Received: \[1,0,1\]/);
  });

  test('whose weights change while they are read', async () => {
    const weightFile = await fileSource(file('model.safetensors'));
    writeFileSync(file('model.safetensors'), 'other');
    await expect(weightFile.read(0, 8)).rejects.toThrow(/changed since it was opened. Load it again/);
  });
});

/** Configuration and weights of a Hugging Face fixture, which has no tokeniser. */
async function openFixture(folder: string): Promise<Pick<Backbone, 'config'> & { weights: [string, Float32Array][] }> {
  const configJson = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
  const opened = await openClipWeights({ weights: await fileSource(join(folder, 'model.safetensors')), configJson });
  const values: [string, Float32Array][] = [];
  for (const name of opened.weights.names) {
    values.push([name, (await opened.weights.read(name)).values]);
  }
  return { config: opened.config, weights: values };
}
