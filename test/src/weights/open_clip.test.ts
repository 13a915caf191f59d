import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import type { ClipConfig } from '../../../src/clip/config.js';
import type { ClipTokenizer } from '../../../src/tokenizers/clip_tokenizer.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fileSource } from '../../../src/node/file_source.js';
import { memorySource } from '../../../src/weights/byte_source.js';
import { canonicalShapes } from '../../../src/weights/canonical.js';
import { foreignShape } from '../../../src/weights/layouts.js';
import { openClip, openClipWeights } from '../../../src/weights/open_clip.js';
import { OPENAI_NAMES } from '../../../src/weights/openai.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors } from '../../../src/weights/safetensors_writer.js';
import type { TensorToWrite } from '../../../src/weights/safetensors_writer.js';
import type { TensorFile } from '../../../src/weights/tensor_file.js';
import { compactTokenizer } from '../../helpers/compact_tokenizer.js';
import { fixturePath, readJsonFixture } from '../../helpers/fixtures.js';
import { openClipModel } from '../../helpers/open_clip_model.js';

interface Manifest {
  architecture: Record<string, number>;
  compact_vocabulary: number[];
  base: string[];
}

const { architecture, compact_vocabulary: vocabulary, base } = readJsonFixture<Manifest>('tiny-clip', 'manifest.json');
const openAiFile = fixturePath('tiny-clip', 'clip.safetensors');
let clipTokenizer: ClipTokenizer;

beforeAll(async () => {
  clipTokenizer = await loadClipTokenizer();
});

/** The tensors of a checkpoint, to be altered and written again. */
async function tensorsOf(path: string): Promise<Map<string, TensorToWrite>> {
  const file = await openSafetensors(await fileSource(path));
  const tensors = new Map<string, TensorToWrite>();
  for (const name of file.names) {
    tensors.set(name, { name, dtype: 'F32', ...(await file.read(name)) });
  }
  return tensors;
}

function sourceOf(tensors: Map<string, TensorToWrite>): ReturnType<typeof memorySource> {
  return memorySource('altered.safetensors', new Uint8Array(Buffer.concat(encodeSafetensors(tensors.values()))));
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

describe('openClip on OpenAI names', () => {
  test('reads the architecture off the tensors', async () => {
    const { config } = await openClipWeights({ weights: await fileSource(openAiFile) });
    expect(config).toMatchObject({
      embedDim: architecture.embed_dim,
      vision: {
        width: architecture.vision_width,
        layers: architecture.vision_layers,
        imageSize: architecture.image_resolution,
        patchSize: architecture.vision_patch_size,
        activation: 'quickGelu',
        epsilon: 1e-5,
      },
      text: {
        width: architecture.transformer_width,
        heads: architecture.transformer_heads,
        layers: architecture.transformer_layers,
        contextLength: architecture.context_length,
        vocabularySize: architecture.vocab_size,
      },
    });
  });

  test('has every weight in its shape, and the right numbers at their places', async () => {
    const { config, weights } = await openClipWeights({ weights: await fileSource(openAiFile) });
    const shapes = canonicalShapes(config);
    expect([...weights.names].sort()).toEqual([...shapes.keys()].sort());
    for (const name of weights.names) {
      const { shape, values } = await weights.read(name);
      expect([shape, weights.shape(name)]).toEqual([shapes.get(name), shapes.get(name)]);
      expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
    }

    const foreign = await tensorsOf(openAiFile);
    const { width, patchSize: p } = config.vision;
    const convolution = foreign.get('visual.conv1.weight')!.values;
    const patches = (await weights.read('vision/patches/kernel')).values;
    for (const [output, colour, row, column] of [
      [0, 0, 0, 1],
      [width - 1, 2, p - 1, 0],
      [3, 1, 2, p - 2],
    ]) {
      expect(patches[((row * p + column) * 3 + colour) * width + output]).toBe(
        convolution[((output * 3 + colour) * p + row) * p + column],
      );
    }

    const textWidth = config.text.width;
    const inProjection = foreign.get('transformer.resblocks.1.attn.in_proj_weight')!.values;
    const qkv = (await weights.read('text/block_1/attention/qkv/kernel')).values;
    for (const [input, output] of [
      [0, 1],
      [5, textWidth + 2],
      [textWidth - 1, 3 * textWidth - 1],
    ]) {
      expect(qkv[input * 3 * textWidth + output]).toBe(inProjection[output * textWidth + input]);
    }
    expect((await weights.read('vision/projection/kernel')).values).toEqual(foreign.get('visual.proj')!.values);
    expect((await weights.read('logits/logit_scale')).values).toEqual(foreign.get('logit_scale')!.values);
  });

  test('makes a backbone whose tokeniser fits', async () => {
    const tokenizer = compactTokenizer(clipTokenizer, vocabulary);
    const backbone = await openClip({
      name: 'tiny',
      identity: 'abc',
      weights: await fileSource(openAiFile),
      tokenizer,
    });
    expect(backbone).toMatchObject({ name: 'tiny', identity: 'abc', tokenizer });
    expect(backbone.imageStatistics.mean[0]).toBeCloseTo(0.48145466, 8);
    const text = `a photo of a ${base[0]}.`;
    expect(backbone.tokenizer.encode(text)).toEqual(clipTokenizer.encode(text).map((id) => vocabulary.indexOf(id)));
  });

  test('refuses a tokeniser with more ids than embeddings', async () => {
    const work = openClip({
      name: 'tiny',
      identity: '',
      weights: await fileSource(openAiFile),
      tokenizer: clipTokenizer,
    });
    await expect(work).rejects.toThrow(/at most \d+ ids, .* Received: 49408/);
  });

  test('lists every missing, unexpected, mis-shaped and mis-typed tensor at once', async () => {
    const tensors = await tensorsOf(openAiFile);
    tensors.delete('ln_final.bias');
    tensors.set('visual.extra', { name: 'visual.extra', dtype: 'F32', shape: [1], values: new Float32Array(1) });
    const scale = { name: 'logit_scale', dtype: 'F32' as const, shape: [1], values: new Float32Array(1) };
    tensors.set('logit_scale', scale);
    const message = await messageOf(openClipWeights({ weights: sourceOf(tensors) }));
    expect(message).toContain(`missing: ln_final.bias [${architecture.transformer_width}]`);
    expect(message).toContain('unexpected: visual.extra [1]');
    expect(message).toContain('wrong shape: logit_scale is [1], expected []');
    expect(message).toMatch(/^altered.safetensors does not hold/);
  });

  test('passes over the numbers that the original model keeps beside its weights', async () => {
    const tensors = await tensorsOf(openAiFile);
    const number = { name: 'input_resolution', dtype: 'F32' as const, shape: [], values: new Float32Array(1) };
    tensors.set(number.name, number);
    const { weights } = await openClipWeights({ weights: sourceOf(tensors) });
    expect(weights.names).not.toContain('input_resolution');
  });

  test("reads OpenCLIP's names of a custom text tower as the same weights", async () => {
    const tensors = await tensorsOf(openAiFile);
    const isText = (name: string): boolean => !name.startsWith('visual.') && name !== 'logit_scale';
    const renamed = new Map(
      [...tensors.values()].map((tensor) => {
        const name = isText(tensor.name) ? `text.${tensor.name}` : tensor.name;
        return [name, { ...tensor, name }];
      }),
    );
    const [plain, custom] = [
      await openClipWeights({ weights: sourceOf(tensors) }),
      await openClipWeights({ weights: sourceOf(renamed) }),
    ];
    expect(custom.config).toEqual(plain.config);
    for (const name of plain.weights.names) {
      expect(await custom.weights.read(name)).toEqual(await plain.weights.read(name));
    }
  });

  test('takes the architecture that is given, or open_clip’s configuration, instead of what the shapes tell', async () => {
    const { config } = await openClipWeights({ weights: await fileSource(openAiFile) });
    const heads = config.vision.width / 8;
    const given = { ...config, vision: { ...config.vision, heads, epsilon: 1e-6 } };
    expect((await openClipWeights({ weights: await fileSource(openAiFile), config: given })).config).toEqual(given);
    const { vision, text, embedDim } = config;
    const configJson = { model_cfg: openClipModel(given) };
    const opened = await openClipWeights({ weights: await fileSource(openAiFile), configJson });
    expect(opened.config).toEqual({
      embedDim,
      vision: { ...vision, heads, activation: 'gelu' },
      text: { ...text, activation: 'gelu' },
    });
  });

  test('interpolates the positions for pictures of another size, on request only', async () => {
    const { config } = await openClipWeights({ weights: await fileSource(openAiFile) });
    const imageSize = config.vision.imageSize + 2 * config.vision.patchSize;
    const opened = await openClipWeights({ weights: await fileSource(openAiFile), imageSize });
    expect(opened.config.vision.imageSize).toBe(imageSize);
    expect(opened.weights.shape('vision/positions/positions')).toEqual([
      1 + (imageSize / config.vision.patchSize) ** 2,
      config.vision.width,
    ]);
    const mismatch = { ...config, vision: { ...config.vision, imageSize } };
    expect(await messageOf(openClipWeights({ weights: await fileSource(openAiFile), config: mismatch }))).toMatch(
      /wrong shape: visual.positional_embedding is/,
    );
  });

  test.each<[string, RegExp]>([
    ['visual.layer1.0.conv1.weight', /is a ResNet CLIP \(RN50, .*not supported.* Take a ViT/],
    ['visual.attnpool.c_proj.weight', /is a ResNet CLIP/],
    ['visual.trunk.blocks.0.norm1.weight', /has an image tower of timm, .* Found: visual.trunk.blocks.0.norm1.weight/],
    [
      'text.transformer.encoder.layer.0.output.dense.weight',
      /has a text tower of Hugging Face, which is not supported/,
    ],
    ['prompt_learner.ctx', /is a checkpoint of tuned prompts, not a backbone. .* loadOfficialPrompts/],
    ['bert.weight', /must hold a CLIP model .* Received: bert.weight/],
    ['visual.proj', /needs a tensor "visual.conv1.weight" with 4 axes/],
  ])('refuses a file with a tensor %s', async (name, message) => {
    const tensor: TensorToWrite = { name, dtype: 'F32', shape: [1], values: new Float32Array(1) };
    expect(await messageOf(openClipWeights({ weights: sourceOf(new Map([[name, tensor]])) }))).toMatch(message);
  });
});

describe('the large towers of OpenCLIP', () => {
  /** A file of a header only: what the architecture is read off. */
  const shaped = (config: ClipConfig): TensorFile => {
    const expected = new Map(
      OPENAI_NAMES.rows(config).map(({ target, sources, layout }) => [
        sources[0],
        foreignShape(layout, canonicalShapes(config).get(target)!),
      ]),
    );
    return {
      name: 'large.safetensors',
      names: [...expected.keys()],
      dtype: () => 'F32',
      shape: (name) => expected.get(name)!,
      read: () => Promise.reject(new Error('has no values')),
    };
  };

  test.each(Object.entries(clipConfigs))('%s is found from its shapes', async (_, config) => {
    const weights = shaped(config);
    expect((await openClipWeights({ weights, activation: config.vision.activation })).config).toEqual(config);
  });

  test('need to be told the activation', async () => {
    expect(await messageOf(openClipWeights({ weights: shaped(clipConfigs.vitH14) }))).toMatch(
      /large.safetensors has an image tower 1280 wide, .* Say which: `loadBackbone\(path, \{ activation: 'gelu' \}\)`/,
    );
  });
});

describe.each(['hf-clip-quickgelu', 'hf-clip-gelu'])('openClipWeights on %s', (folder) => {
  const path = fixturePath('formats', folder, 'model.safetensors');
  const configJson = JSON.parse(readFileSync(fixturePath('formats', folder, 'config.json'), 'utf8')) as Record<
    string,
    Record<string, number>
  >;

  test('joins query, key and value, and turns the projections', async () => {
    const { config, weights } = await openClipWeights({ weights: await fileSource(path), configJson });
    expect(config.vision.activation).toBe(folder.endsWith('quickgelu') ? 'quickGelu' : 'gelu');
    expect([...weights.names].sort()).toEqual([...canonicalShapes(config).keys()].sort());

    const foreign = await tensorsOf(path);
    const { width } = config.vision;
    const block = 'vision_model.encoder.layers.2.self_attn';
    const { shape, values } = await weights.read('vision/block_2/attention/qkv/kernel');
    const { values: bias } = await weights.read('vision/block_2/attention/qkv/bias');
    expect(shape).toEqual([width, 3 * width]);
    ['q', 'k', 'v'].forEach((letter, part) => {
      const kernel = foreign.get(`${block}.${letter}_proj.weight`)!.values;
      for (const [input, output] of [
        [0, 0],
        [1, 7],
        [width - 1, width - 2],
      ]) {
        expect(values[input * 3 * width + part * width + output]).toBe(kernel[output * width + input]);
      }
      expect(bias.subarray(part * width, (part + 1) * width)).toEqual(
        foreign.get(`${block}.${letter}_proj.bias`)!.values,
      );
    });
    const projection = (await weights.read('text/projection/kernel')).values;
    const theirs = foreign.get('text_projection.weight')!.values;
    expect(projection[3 * config.embedDim + 5]).toBe(theirs[5 * config.text.width + 3]);
  });

  test('passes over position_ids', async () => {
    const tensors = await tensorsOf(path);
    const name = 'text_model.embeddings.position_ids';
    tensors.set(name, { name, dtype: 'F32', shape: [1, 2], values: new Float32Array(2) });
    const { weights } = await openClipWeights({ weights: sourceOf(tensors), configJson });
    expect(weights.names.length).toBeGreaterThan(0);
  });

  test('refuses a checkpoint of another width, naming tensor and both shapes', async () => {
    const width = configJson.text_config.hidden_size;
    const wider = { ...configJson, text_config: { ...configJson.text_config, hidden_size: 2 * width } };
    const message = await messageOf(openClipWeights({ weights: await fileSource(path), configJson: wider }));
    expect(message).toContain(`wrong shape: text_model.final_layer_norm.weight is [${width}], expected [${2 * width}]`);
    expect(message).toContain(path);
  });

  test('needs the config.json', async () => {
    await expect(openClipWeights({ weights: await fileSource(path) })).rejects.toThrow(/needs the config.json/);
  });

  test('refuses a tokeniser whose end token is another', async () => {
    const work = openClip({
      name: folder,
      identity: '',
      weights: await fileSource(path),
      configJson,
      tokenizer: compactTokenizer(clipTokenizer, vocabulary),
    });
    await expect(work).rejects.toThrow(
      new RegExp(`end token must be ${configJson.text_config.eos_token_id}, .* Received: ${vocabulary.length - 1}`),
    );
  });
});
