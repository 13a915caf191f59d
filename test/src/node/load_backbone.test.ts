import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import type { ClipTokenizer } from '../../../src/tokenizers/clip_tokenizer.js';
import { pruneTokenizer } from '../../../src/tokenizers/clip_tokenizer_pruning.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fileSource } from '../../../src/node/file_source.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { saveBackbone } from '../../../src/node/save_backbone.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import type { ClipBackbone } from '../../../src/weights/open_clip.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors, type TensorToWrite } from '../../../src/weights/safetensors_writer.js';
import { writeTorch } from '../../../src/weights/torch/write_torch.js';
import { compactTokenizer } from '../../helpers/compact_tokenizer.js';
import { fixturePath, ownFixturePath, readJsonFixture } from '../../helpers/fixtures.js';
import { HubServer } from '../../helpers/hub_server.js';
import { openClipModel } from '../../helpers/open_clip_model.js';
import { allWeights, saveWhole } from '../../helpers/saved_backbone.js';
import { tinyBackbone, tinyTokenizer } from '../../helpers/tiny_clip.js';

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
  weights = await allWeights(tiny.weights);
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
      /none.safetensors cannot be read: ENOENT.*Name a folder with a CLIP or SigLIP, a file of weights, or owner\/name/,
    );
    const cut = join(work, 'cut.safetensors');
    writeFileSync(cut, readFileSync(openAiFile).subarray(0, 100_000));
    await expect(loadBackbone(cut)).rejects.toThrow(/cut.safetensors is not a valid safetensors file: .*complete/);
  });
});

describe("OpenAI's own .pt file", () => {
  const path = ownFixturePath('openai_pt', 'ViT-tiny.pt');
  /** What the script that made the file put into element e of a tensor. */
  const value = (name: string, e: number): number => (((e + name.length) % 17) - 8) / 16;

  test('is read with its architecture; the numbers beside the weights are passed over', async () => {
    const tokenizer = compactTokenizer(clipTokenizer, [320, 1125, 49406, 49407]);
    const backbone = await loadBackbone(path, { tokenizer });
    const common = { heads: 1, activation: 'quickGelu', epsilon: 1e-5 };
    expect(backbone.config).toEqual({
      embedDim: 6,
      vision: { ...common, width: 8, layers: 2, mlpWidth: 32, imageSize: 8, patchSize: 4 },
      text: { ...common, width: 12, layers: 1, mlpWidth: 48, contextLength: 9, vocabularySize: 10 },
    });
    expect(backbone.identity).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    for (const [name, theirs] of [
      ['vision/projection/kernel', 'visual.proj'],
      ['text/token_embedding/embeddings', 'token_embedding.weight'],
      ['text/block_0/attention/qkv/bias', 'transformer.resblocks.0.attn.in_proj_bias'],
      ['logits/logit_scale', 'logit_scale'],
    ]) {
      const { values } = await backbone.weights.read(name);
      expect([...values]).toEqual([...values].map((_, e) => value(theirs, e)));
    }
    const { values } = await backbone.weights.read('vision/block_1/mlp/up/kernel');
    const theirs = 'visual.transformer.resblocks.1.mlp.c_fc.weight';
    expect([...values]).toEqual([...values].map((_, e) => value(theirs, (e % 32) * 8 + Math.floor(e / 32))));
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

  test('without weights, or without a configuration, is told what to do', async () => {
    rmSync(file('model.safetensors'));
    await expect(loadBackbone(folder)).rejects.toThrow(
      /must hold model.safetensors or model.safetensors.index.json or pytorch_model.bin .*Download it/,
    );
    rmSync(file('config.json'));
    await expect(loadBackbone(folder)).rejects.toThrow(/must hold config.json or open_clip_config.json. Download it/);
  });

  test('without a tokeniser, or with a bad one', async () => {
    await expect(loadBackbone(folder)).rejects.toThrow(
      /must hold tokenizer.json, or vocab.json and merges.txt, or a tokeniser must be given/,
    );
    writeFileSync(file('tokenizer.json'), '{"model":{"type":"WordPiece"}}');
    await expect(loadBackbone(folder)).rejects.toThrow(/tokenizer.json: A CLIP tokeniser must be a byte-pair one/);
    writeFileSync(file('tokenizer.json'), '[]');
    await expect(loadBackbone(folder)).rejects.toThrow(/tokenizer.json must hold a JSON object/);
  });

  test('with a config.json that is missing, no JSON, or of another model', async () => {
    const config = JSON.parse(readFileSync(file('config.json'), 'utf8')) as Record<string, Record<string, unknown>>;
    const withConfig = (changed: object): Promise<TransformerBackbone> => {
      writeFileSync(file('config.json'), JSON.stringify(changed));
      return loadBackbone(folder, { tokenizer: pruneTokenizer(clipTokenizer, []) });
    };
    await expect(withConfig({ ...config, model_type: 'blip' })).rejects.toThrow(/be clip or siglip; .* Received: blip/);
    await expect(
      withConfig({ ...config, vision_config: { ...config.vision_config, hidden_act: 'gelu_new' } }),
    ).rejects.toThrow(/`vision_config.hidden_act` .* quick_gelu, gelu or gelu_pytorch_tanh. Received: "gelu_new"/);
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
    // Another model is told before its tokeniser is looked for, which would be no help.
    writeFileSync(file('config.json'), JSON.stringify({ ...config, model_type: 'siglip2' }));
    await expect(loadBackbone(folder)).rejects.toThrow(
      /config.json: .* Received: siglip2.*variable resolution \(NaFlex\)/,
    );
    writeFileSync(file('config.json'), '{');
    await expect(loadBackbone(folder)).rejects.toThrow(/config.json must be a readable JSON file/);
  });

  test('with bad image statistics', async () => {
    writeFileSync(file('preprocessor_config.json'), '{"image_mean":[1,2,3],"image_std":[1,0,1]}');
    const loading = loadBackbone(folder, { tokenizer: tiny.tokenizer });
    await expect(loading).rejects.toThrow(/`image_std` of .* three numbers above 0, .* Received: \[1,0,1\]/);
  });

  test('whose pictures are prepared in another way than CLIP’s, or for another size', async () => {
    const statistics = { image_mean: [0, 0, 0], image_std: [1, 1, 1] };
    const size = (JSON.parse(readFileSync(file('config.json'), 'utf8')) as { vision_config: { image_size: number } })
      .vision_config.image_size;
    const withPreprocessor = (changed: object): Promise<TransformerBackbone> => {
      writeFileSync(file('preprocessor_config.json'), JSON.stringify({ ...statistics, ...changed }));
      return loadBackbone(folder, { tokenizer: tiny.tokenizer });
    };
    await expect(withPreprocessor({ resample: 1 })).rejects.toThrow(/`resample` of .* must be .*3.* Received: 1/);
    for (const crop of [size + 1, { height: size + 1, width: size + 1 }]) {
      await expect(withPreprocessor({ crop_size: crop })).rejects.toThrow(
        /`crop_size` of .*preprocessor_config.json must be `vision_config.image_size` of config.json, \d+. Received: /,
      );
    }
    // Only the end token, which is looked at last, does not fit: this model has no tokeniser.
    await expect(withPreprocessor({ resample: 3, crop_size: { height: size, width: size } })).rejects.toThrow(
      /end token/,
    );
  });

  test('whose weights change while they are read', async () => {
    const weightFile = await fileSource(file('model.safetensors'));
    writeFileSync(file('model.safetensors'), 'other');
    await expect(weightFile.read(0, 8)).rejects.toThrow(/changed since it was opened. Load it again/);
  });
});

describe('the layouts of a folder', () => {
  const source = join(work, 'source');
  const folder = join(work, 'layout');
  const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
  let whole: ClipBackbone;

  beforeAll(async () => {
    await saveBackbone(source, { ...tiny, imageStatistics: statistics, weights });
    whole = await loadBackbone(source);
  });

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const name of ['config.json', 'tokenizer.json', 'preprocessor_config.json']) {
      copyFileSync(join(source, name), join(folder, name));
    }
  });

  async function expectSame(backbone: ClipBackbone): Promise<void> {
    expect(backbone.config).toEqual(whole.config);
    for (const name of whole.weights.names) {
      const [found, expected] = [await backbone.weights.read(name), await whole.weights.read(name)];
      expect([name, found.shape]).toEqual([name, expected.shape]);
      // Jest compares long arrays slowly.
      expect([name, Buffer.from(found.values.buffer).equals(Buffer.from(expected.values.buffer))]).toEqual([
        name,
        true,
      ]);
    }
  }

  /** The tensors of the folder in two files and their index. */
  async function writeShards(): Promise<string[]> {
    const file = await openSafetensors(await fileSource(join(source, 'model.safetensors')));
    const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const map: Record<string, string> = {};
    for (const [part, shard] of names.entries()) {
      const tensors: TensorToWrite[] = [];
      for (const name of file.names.filter((_, index) => index % 2 === part)) {
        tensors.push({ name, dtype: 'F32', ...(await file.read(name)) });
        map[name] = shard;
      }
      put(shard, Buffer.concat(encodeSafetensors(tensors)));
    }
    put('model.safetensors.index.json', JSON.stringify({ weight_map: map }));
    return names;
  }

  test('weights in several files are one backbone, identified by the hashes of all', async () => {
    const shards = await writeShards();
    const backbone = await loadBackbone(folder);
    await expectSame(backbone);
    const sha = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
    const digests = shards.map((name) => sha(readFileSync(join(folder, name))));
    expect(backbone.identity).toBe(sha(Buffer.concat(digests)).toString('hex'));

    rmSync(join(folder, shards[1]));
    await expect(loadBackbone(folder)).rejects.toThrow(
      /must hold model-00002-of-00002.safetensors, as model.safetensors.index.json says/,
    );
    put('model.safetensors.index.json', '{"weight_map":{"logit_scale":"../source/model.safetensors"}}');
    await expect(loadBackbone(folder)).rejects.toThrow(/`weight_map` of .* must name files beside it/);
  });

  test.each(['pytorch_model.bin', 'model.safetensors'])('%s alone holds the weights', async (weightFile) => {
    const file = await openSafetensors(await fileSource(join(source, 'model.safetensors')));
    const tensors: TensorToWrite[] = [];
    for (const name of file.names) {
      tensors.push({ name, dtype: 'F32', ...(await file.read(name)) });
    }
    put(
      weightFile,
      Buffer.concat(weightFile.endsWith('.bin') ? await writeTorch(tensors) : encodeSafetensors(tensors)),
    );
    await expectSame(await loadBackbone(folder));
  });

  test('vocab.json and merges.txt do for tokenizer.json', async () => {
    // A vocabulary with all bytes, as a whole model's has; the parity data's has but the tokens of its texts.
    const tokenizer = await tinyTokenizer();
    await saveWhole(folder, await tinyBackbone());
    rmSync(join(folder, 'tokenizer.json'));
    const { vocab, merges } = tokenizer.json.model;
    put('vocab.json', JSON.stringify(vocab));
    put('merges.txt', ['#version: 0.2', ...merges.map((pair) => [pair].flat().join(' ')), ''].join('\n'));
    const backbone = await loadBackbone(folder);
    for (const text of ['a photo of a cat.', 'Caf\u00e9 &amp; na\u00efve \ud83e\udd89', "the owl's 12 eggs"]) {
      expect(backbone.tokenizer.encode(text)).toEqual(tokenizer.encode(text));
    }
    put('vocab.json', '{"a":0}');
    await expect(loadBackbone(folder)).rejects.toThrow(
      /vocab.json with merges.txt: vocab.json of a CLIP tokeniser must hold "<\|startoftext\|>"/,
    );
  });

  test.each(['open_clip_model.safetensors', 'open_clip_pytorch_model.bin'])(
    'open_clip’s with %s',
    async (weightFile) => {
      const model = { ...openClipModel(tiny.config), quick_gelu: true };
      const preprocess = { mean: statistics.mean, std: statistics.deviation };
      put('open_clip_config.json', JSON.stringify({ model_cfg: model, preprocess_cfg: preprocess }));
      // What timm writes beside it is not CLIP's.
      put('config.json', '{"architecture":"vit_base_patch16_clip_224"}');
      copyFileSync(openAiFile, join(folder, weightFile));
      const backbone = await loadBackbone(folder);
      await expectSame(backbone);
      expect(backbone.imageStatistics).toEqual(statistics);

      rmSync(join(folder, 'tokenizer.json'));
      await expect(loadBackbone(folder)).rejects.toThrow(/Received: 49408/);
      const foreign = { ...model, text_cfg: { ...model.text_cfg, hf_tokenizer_name: 'bert' } };
      put('open_clip_config.json', JSON.stringify({ model_cfg: foreign }));
      await expect(loadBackbone(folder)).rejects.toThrow(/must hold tokenizer.json, since .* another .* \(bert\)/);
    },
  );

  test('for pictures of another size, on request', async () => {
    const imageSize = tiny.config.vision.imageSize + tiny.config.vision.patchSize;
    for (const path of [source, openAiFile]) {
      const larger = await loadBackbone(path, { imageSize, tokenizer: tiny.tokenizer });
      expect(larger.config.vision.imageSize).toBe(imageSize);
      expect(larger.identity).toBe((await loadBackbone(path, { tokenizer: tiny.tokenizer })).identity);
    }
    await expect(loadBackbone(source, { imageSize: imageSize + 1 })).rejects.toThrow(/`imageSize` must be a multiple/);
  });

  test('a hub name: only the files that are needed are fetched, and the backbone is named by it', async () => {
    const server = new HubServer();
    const hubUrl = await server.start();
    try {
      const others = {
        'README.md': Buffer.from('#'),
        'pytorch_model.bin': Buffer.alloc(5000),
        'tf_model.h5': Buffer.alloc(9),
      };
      const { commit } = server.serveFolder('a/tiny', source, others);
      const args = { cache: join(work, 'hub'), hubUrl, progress: null };
      const backbone = await loadBackbone('a/tiny', args);
      await expectSame(backbone);
      expect([backbone.name, backbone.identity]).toEqual(['a/tiny', whole.identity]);
      const resolved = server.requests.flatMap(({ url }) => /resolve\/[^/]+\/(.*)/.exec(url)?.[1] ?? []);
      expect([...new Set(resolved)].sort()).toEqual(readdirSync(source).sort());
      server.requests.length = 0;
      await expectSame(await loadBackbone('a/tiny', args));
      expect(server.requests).toEqual([]);

      // Damage that leaves the size as it was is found by the hash.
      const blob = realpathSync(join(work, 'hub', 'models--a--tiny', 'snapshots', commit, 'model.safetensors'));
      const bytes = readFileSync(blob);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(blob, bytes);
      await expect(loadBackbone('a/tiny', args)).rejects.toThrow(/is damaged: its SHA-256 must be .* Delete it/);
    } finally {
      await server.stop();
    }
  });
});

/** Configuration and weights of a Hugging Face fixture, which has no tokeniser. */
async function openFixture(
  folder: string,
): Promise<Pick<TransformerBackbone, 'config'> & { weights: [string, Float32Array][] }> {
  const configJson = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
  const opened = await openClipWeights({ weights: await fileSource(join(folder, 'model.safetensors')), configJson });
  return { config: opened.config, weights: await allWeights(opened.weights) };
}

test('a path that is not there, and could be a name on the hub, is told to be not there first', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'maple-no-hub-'));
  await expect(loadBackbone('models/my-clip', { cache, offline: true })).rejects.toThrow(
    /^There is no file or folder models\/my-clip, so that it was taken for a name on the hub\. ./,
  );
  rmSync(cache, { recursive: true });
});
