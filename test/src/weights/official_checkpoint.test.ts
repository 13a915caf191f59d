import { beforeAll, describe, expect, test } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';
import {
  designOf,
  fixtureBackbone,
  openFixture,
  readManifest,
  tensorOf,
  type Manifest,
} from '../../golden/fixture_clip.js';
import { expectClose } from '../../helpers/close.js';
import { compactTokenizer } from '../../helpers/compact_tokenizer.js';
import { fixturePath, readJsonFixture } from '../../helpers/fixtures.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { fileSource } from '../../../src/node/file_source.js';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { completeDesign } from '../../../src/prompting/design.js';
import { readOfficialCheckpoint, type OfficialCheckpointArgs } from '../../../src/weights/official_checkpoint.js';
import { describeOfficialCheckpoint } from '../../../src/weights/official_summary.js';
import { openTensors } from '../../../src/weights/open_tensors.js';
import { renamed } from '../../../src/weights/official_parts.js';
import { officialTensors } from '../../../src/weights/official_tensors.js';
import { loadPromptFiles, promptFiles } from '../../../src/weights/prompt_files.js';
import { memoryTensors } from '../../helpers/memory_tensors.js';
import type { TensorFile } from '../../../src/weights/tensor_file.js';

const manifest: Manifest = readManifest();
const RUNS = Object.entries(manifest.runs);
/** CoOp and CoCoOp save their prompt learner alone. */
const ALONE = ['coop', 'cocoop'];
let backbone: TransformerBackbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await fixtureBackbone(manifest);
});

/** What the official code saves after a run's three steps, but for the CLIP that MaPLe, IVLP and VPT save too. */
async function checkpoint(name: string): Promise<TensorFile> {
  const file = await openFixture(name);
  const trained = file.names.filter((tensor) => tensor.startsWith('after.'));
  const alone = ALONE.includes(manifest.runs[name].method);
  const official = (tensor: string): string =>
    tensor.slice('after.'.length).replace(alone ? /^prompt_learner\./ : '', '');
  return renamed(file, new Map(trained.map((tensor) => [official(tensor), tensor])));
}

/** What a run's tensors do not tell. */
function textsOf(name: string): Pick<OfficialCheckpointArgs, 'prefix' | 'coupling'> {
  const { prefix, method } = manifest.runs[name];
  return {
    ...(/^X/.test(prefix) ? { prefix: '' } : {}),
    ...(method === 'maple-unified' ? { coupling: 'unified' } : {}),
  };
}

async function read(file: TensorFile, args: Partial<OfficialCheckpointArgs> = {}) {
  return readOfficialCheckpoint(file, { classNames: manifest.base, backbone, ...args });
}

describe.each(RUNS)('%s', (name, run) => {
  test('the design is found, and the model computes what the official code does, and gives its tensors back', async () => {
    const file = await checkpoint(name);
    const { prompts } = await read(file, textsOf(name));
    const model = await loadPromptFiles(prompts, backbone);
    const expected = completeDesign(designOf(run));
    const random = expected.initialization === 'random';
    expect(modelMetadata(model).design).toEqual({ ...expected, ...(random ? { prefix: 'a photo of a' } : {}) });
    const [inputs, golden] = [await openFixture('inputs'), await openFixture(name)];
    const images = await tensorOf(inputs, 'images_eval');
    expectClose(model.predict(images) as tf.Tensor, await tensorOf(golden, 'logits_after'), 1e-4);
    // The same prompts for other classes.
    const swapped = await loadPromptFiles(prompts, backbone, { classNames: manifest.new });
    expectClose(swapped.predict(images) as tf.Tensor, await tensorOf(golden, 'logits_new_after'), 1e-4);
    expect((await describeOfficialCheckpoint(file, textsOf(name)))?.trainedParameters).toBe(run.trainable_parameters);

    // Official names -> our model -> official names: the same tensors, bit for bit.
    const { tensors } = await officialTensors(await promptFiles(model));
    const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    for (const tensor of file.names) {
      const { shape, values } = await file.read(tensor);
      expect(found.get(tensor)).toEqual({ name: tensor, dtype: 'F32', shape, values });
    }
    // The official code has a coupler a depth: one for all is written as copies.
    const copies = tensors.filter((tensor) => !file.names.includes(tensor.name));
    expect(copies).toHaveLength(run.method === 'maple-unified' ? 2 * ((run.depth as number) - 1) : 0);
    for (const { name: copy, values } of copies) {
      const proj = copy.endsWith('weight') ? 'prompt_learner.proj.weight' : 'prompt_learner.proj.bias';
      expect(values).toEqual(found.get(proj)?.values);
    }
  });
});

/** The checkpoint that the official MaPLe code wrote, the CLIP in it. */
describe('a whole checkpoint of MaPLe', () => {
  interface TorchManifest {
    classes: string[];
    depth: number;
    length: number;
    compact_vocabulary: number[];
  }
  let whole: TensorFile;
  let own: TorchManifest;
  let alone: OfficialCheckpointArgs;

  beforeAll(async () => {
    own = readJsonFixture<TorchManifest>('formats', 'torch', 'manifest.json');
    whole = await openTensors(await fileSource(fixturePath('formats', 'torch', 'model.pth.tar-5')));
    const tokenizer = compactTokenizer(await loadClipTokenizer(), own.compact_vocabulary);
    alone = { classNames: own.classes, tokenizer, identity: 'sha' };
  });

  test('is enough to build the tuned model, and comes back bit for bit', async () => {
    const { prompts, backbone: clip } = await readOfficialCheckpoint(whole, alone);
    expect(clip.identity).toBe('sha');
    const model = await loadPromptFiles(prompts, clip);
    const { design } = modelMetadata(model);
    expect(design).toMatchObject({ textDepth: own.depth, textLength: own.length, coupling: 'perLayer' });
    expect(design).toMatchObject({ initialization: 'words', prefix: 'a photo of a' });
    const { tensors, folder } = await officialTensors(await promptFiles(model));
    expect(folder).toBe('MultiModalPromptLearner');
    for (const tensor of tensors) {
      expect(tensor).toEqual({ name: tensor.name, dtype: 'F32', ...(await whole.read(tensor.name)) });
    }
    const trained = whole.names.filter((name) => /^prompt_learner\.(?!token_)/.test(name));
    expect(tensors.map(({ name }) => name).sort()).toEqual([...trained].sort());
  });

  test('is described by its names and shapes', async () => {
    expect(await describeOfficialCheckpoint(whole)).toEqual({
      method: 'maple',
      design: expect.objectContaining({ textDepth: own.depth, visionLength: own.length }),
      trainedParameters: own.depth * (own.length * 128 + 192 * 129),
      classes: own.classes.length,
      holdsClip: true,
    });
  });

  test('knows the classes it was tuned on alone', async () => {
    const refused = (args: Partial<OfficialCheckpointArgs>) => readOfficialCheckpoint(whole, { ...alone, ...args });
    await expect(refused({ classNames: ['cat'] })).rejects.toThrow(
      /was tuned on 3 classes.*Received: 1. Give the `back/,
    );
    await expect(refused({ classNames: ['sea lion', 'cat', 'yo-yo'] })).rejects.toThrow(
      /"sea lion" cannot be class 0 of .*its text has 9 tokens, the checkpoint's 8/,
    );
    await expect(refused({ prefix: '' })).rejects.toThrow(/"cat" cannot be class 0 .*6 tokens, the checkpoint's 8/);
    const { prompts, backbone: clip } = await readOfficialCheckpoint(whole, alone);
    await expect(loadPromptFiles(prompts, clip, { classNames: ['photo'] })).rejects.toThrow(
      /the token embeddings of the classes it was tuned on alone, not those of "a photo of a photo."/,
    );
    await expect(refused({ tokenizer: undefined })).rejects.toThrow(/Give a `backbone`, or `identity` and `tokenizer`/);
  });

  test('is refused on another CLIP', async () => {
    const { backbone: clip } = await readOfficialCheckpoint(whole, alone);
    await expect(readOfficialCheckpoint(whole, { ...alone, backbone: clip })).resolves.toBeDefined();
    const read = async (name: string) => {
      const { shape, values } = await clip.weights.read(name);
      return { shape, values: name === 'vision/post_norm/gamma' ? values.map((value) => value + 0.01) : values };
    };
    const other = { ...clip, name: 'another', weights: { ...clip.weights, read } };
    await expect(readOfficialCheckpoint(whole, { ...alone, backbone: other })).rejects.toThrow(
      /was tuned on another CLIP than "another": vision\/post_norm\/gamma and 0 more differ/,
    );
  });

  test('without a tensor of its CLIP is refused, by the official name', async () => {
    const lost = renamed(
      whole,
      new Map(whole.names.filter((name) => name !== 'image_encoder.ln_post.bias').map((name) => [name, name])),
    );
    await expect(readOfficialCheckpoint(lost, alone)).rejects.toThrow(/missing: image_encoder.ln_post.bias \[192\]/);
  });
});

describe('bad input', () => {
  const maple = {
    'prompt_learner.ctx': { shape: [2, 128] },
    'prompt_learner.proj.weight': { shape: [192, 128] },
    'prompt_learner.proj.bias': { shape: [192] },
    'prompt_learner.compound_prompts_text.0': { shape: [2, 128] },
    'prompt_learner.compound_prompt_projections.0.weight': { shape: [192, 128] },
    'prompt_learner.compound_prompt_projections.0.bias': { shape: [192] },
  };

  test('every missing, unexpected, mis-shaped and mis-typed tensor is told at once', async () => {
    const rest = Object.fromEntries(Object.entries(maple).filter(([name]) => name !== 'prompt_learner.proj.bias'));
    const file = memoryTensors('x.pth.tar-5', {
      ...rest,
      'prompt_learner.ctx': { shape: [2, 64] },
      'prompt_learner.compound_prompts_text.0': { shape: [2, 128], dtype: 'I64' },
      'prompt_learner.gate': { shape: [1] },
      'image_encoder.VPT': { shape: [2, 192] },
    });
    const message = await read(file).then(
      () => '',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(message.split('\n').sort()).toEqual(
      [
        'MapleError: x.pth.tar-5 does not hold the prompts of text prompts 2 x 2 and coupled image prompts 2 x 2 as the ' +
          'official code names them:',
        '  wrong shape: prompt_learner.ctx is [2, 64], expected [2, 128]',
        '  missing: prompt_learner.proj.bias [192]',
        '  wrong type: prompt_learner.compound_prompts_text.0 is I64, expected F32, F16, BF16, F64',
        '  unexpected: image_encoder.VPT [2, 192]',
        '  unexpected: prompt_learner.gate',
        'Is the file complete, and of this backbone?',
      ].sort(),
    );
  });

  test('a number in a name does not decide about memory', async () => {
    const file = memoryTensors('x', {
      ...maple,
      'prompt_learner.compound_prompts_text.4000000000': { shape: [2, 128] },
    });
    await expect(read(file)).rejects.toThrow(/unexpected: prompt_learner.compound_prompts_text.4000000000/);
  });

  test('couplers that are missing are no unified coupler unless it is said', async () => {
    const rows = Object.entries(maple).filter(([name]) => !name.includes('projections'));
    const file = memoryTensors('x', Object.fromEntries(rows));
    await expect(read(file)).rejects.toThrow(/missing: .*projections.0.weight[^]*`coupling: 'unified'`/);
    await expect(read(file, { coupling: 'unified' })).resolves.toBeDefined();
    await expect(read(memoryTensors('x', maple), { coupling: 'unified' })).rejects.toThrow(/unexpected: .*projections/);
  });

  test('prompts alone, and VPT without texts, need a backbone', async () => {
    const args = { backbone: undefined, tokenizer: { encode: () => [], vocabularySize: 1 }, identity: 'i' };
    await expect(read(memoryTensors('x', { ctx: { shape: [4, 128] } }), args)).rejects.toThrow(
      'x holds no CLIP, as CoOp and CoCoOp save their prompts alone. Give the `backbone` it was tuned on.',
    );
    const vpt = memoryTensors('x', { 'image_encoder.VPT': { shape: [4, 192] }, logit_scale: { shape: [] } });
    await expect(read(vpt, args)).rejects.toThrow(
      'x holds no token embeddings, as VPT saves none. Give the `backbone`',
    );
  });

  test('deeper prompts than the backbone has blocks, and other widths, are refused', async () => {
    const texts = (depth: number) =>
      Object.fromEntries(
        Array.from({ length: depth - 1 }, (_, index) => [
          `text_encoder.transformer.resblocks.${index + 1}.VPT_shallow`,
          { shape: [4, 128] },
        ]),
      );
    const deep = memoryTensors('x', { 'prompt_learner.ctx': { shape: [4, 128] }, ...texts(9) });
    await expect(read(deep)).rejects.toThrow(/x does not fit "tiny-clip": `textDepth` must be an integer from 0 to 4/);
    await expect(read(memoryTensors('x', { ctx: { shape: [4, 512] } }))).rejects.toThrow(
      /\[4, 512\], expected \[4, 128\]/,
    );
  });

  test('neither a CLIP nor a file of nothing is a checkpoint of prompts', async () => {
    await expect(read(await openFixture('clip'))).rejects.toThrow(
      /must hold prompts of the official code .*Received: /,
    );
    expect(await describeOfficialCheckpoint(memoryTensors('x', {}))).toBeUndefined();
  });
});

describe('what tensors do not tell', () => {
  const rows = (texts: number[][]) => ({
    shape: [texts.length, texts[0].length, 2],
    values: Float32Array.from(texts.flat().flatMap((token) => [token, -token])),
  });
  const context = (length: number, texts?: number[][]) =>
    memoryTensors('x', {
      ctx: { shape: [length, 2] },
      ...(texts && { token_prefix: rows(texts.map(() => [9])), token_suffix: rows(texts) }),
    });
  const designFor = async (file: TensorFile, texts = {}) => (await describeOfficialCheckpoint(file, texts))?.design;

  test('the prefix is seen in the texts, where the checkpoint holds two or more', async () => {
    // `of a` behind two vectors, then the names; or the names at once.
    const words = { initialization: 'words', prefix: 'a photo of a' };
    expect(
      await designFor(
        context(2, [
          [5, 6, 1],
          [5, 6, 2],
        ]),
      ),
    ).toMatchObject(words);
    expect(
      await designFor(
        context(2, [
          [1, 5, 6],
          [2, 5, 6],
        ]),
      ),
    ).toMatchObject({ initialization: 'random' });
    expect(await designFor(context(2, [[1, 5, 6]]))).toMatchObject(words);
    expect(await designFor(context(2))).toMatchObject(words);
    expect(await designFor(context(16))).toMatchObject({ initialization: 'random' });
  });

  test('what is given goes first: CTX_INIT with underscores, none, class position', async () => {
    const given = { prefix: 'a_picture_of_a', classPosition: 'front' };
    const expected = { initialization: 'words', prefix: 'a picture of a', classPosition: 'front' };
    expect(await designFor(context(2, [[1], [2]]), given)).toMatchObject(expected);
    expect(await designFor(context(2), { prefix: '' })).toMatchObject({ initialization: 'random' });
  });

  test('a context a class is seen, and needs as many class names', async () => {
    const file = memoryTensors('x', { ctx: { shape: [3, 4, 128] } });
    expect(await designFor(file)).toMatchObject({ contexts: 'perClass', initialization: 'random', textLength: 4 });
    await expect(read(file)).rejects.toThrow(/of its own for each of 3 classes.*Received: 5/);
    const { prompts } = await read(file, { classNames: ['cat', 'sea lion', 'yo-yo'], classPosition: 'middle' });
    expect(JSON.parse(prompts.config)).toMatchObject({ prompt_design: { classPosition: 'middle' } });
  });
});
