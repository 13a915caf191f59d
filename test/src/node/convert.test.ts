import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { classNamesOf, modelMetadata } from '../../../src/backbone/model_metadata.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { convert } from '../../../src/node/convert.js';
import { fileHandler } from '../../../src/node/file_handler.js';
import { fileSource } from '../../../src/node/file_source.js';
import { inspect } from '../../../src/node/inspect.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { loadOfficialPrompts, saveOfficialPrompts } from '../../../src/node/official_checkpoint.js';
import { loadPrompts, savePrompts } from '../../../src/node/prompt_folder.js';
import type { ClipBackbone } from '../../../src/weights/open_clip.js';
import { openTensors } from '../../../src/weights/open_tensors.js';
import { largestDifference } from '../../helpers/close.js';
import { saveWhole } from '../../helpers/saved_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { inventedFewShot } from '../../helpers/records.js';
import { tinySiglip } from '../../helpers/tiny_siglip.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

const CLASSES = ['cat', 'American Bulldog'];
let folder: string;
let clip: string;
let backbone: ClipBackbone;
let model: LayersModel;
let at: (name: string) => string;

async function writeClip(path: string, seed: number): Promise<void> {
  await saveWhole(path, await tinyBackbone({ seed }));
}

beforeAll(async () => {
  await chooseBackend('wasm');
  clip = await mkdtemp(join(tmpdir(), 'convert-clip-'));
  await writeClip(clip, 1);
  backbone = await loadBackbone(clip);
  model = await tunedClip(backbone, 'maple', { classNames: CLASSES });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  at = (name) => join(folder, name);
});
afterEach(() => rm(folder, { recursive: true }));

function same(one: LayersModel, other: LayersModel): number {
  const images = somePictures(backbone, 3);
  return largestDifference(one.predict(images) as tf.Tensor, other.predict(images) as tf.Tensor);
}

describe('official checkpoints', () => {
  test.each(['coop', 'cocoop', 'vpt', 'deepLanguage', 'ivlp', 'shallowMaple', 'unifiedMaple', 'maple'] as const)(
    '%s: what is saved is loaded with the same logits, from PyTorch and safetensors alike',
    async (method) => {
      const tuned = await tunedClip(backbone, method, { classNames: CLASSES });
      for (const name of ['model.pth.tar-7', 'prompts.safetensors']) {
        const { path } = await saveOfficialPrompts(tuned, at(name));
        expect(path).toBe(at(name));
        const loaded = await loadOfficialPrompts(path, { backbone, classNames: CLASSES });
        expect(same(loaded, tuned)).toBeLessThanOrEqual(1e-6);
      }
      const { facts } = (await openTensors(await fileSource(at('model.pth.tar-7')))) as unknown as {
        facts: ReadonlyMap<string, unknown>;
      };
      expect(facts.get('epoch')).toBe(7);
    },
  );

  test('a folder gets the file where the official trainer looks, and the settings are told', async () => {
    const saved = await saveOfficialPrompts(model, at('seed1'), { epoch: 3 });
    expect(saved).toEqual({
      path: join(at('seed1'), 'MultiModalPromptLearner', 'model.pth.tar-3'),
      settings: { 'TRAINER.MAPLE.N_CTX': 2, 'TRAINER.MAPLE.PROMPT_DEPTH': 2, 'TRAINER.MAPLE.CTX_INIT': 'a photo of a' },
    });
  });

  test("of other towers than CLIP's, for which the official code has no settings, none are told", async () => {
    const siglip = await tinySiglip();
    const tuned = await tunedClip(siglip, 'maple', { classNames: CLASSES });
    const saved = await saveOfficialPrompts(tuned, at('siglip.pth.tar-5'));
    expect(saved).toEqual({ path: at('siglip.pth.tar-5') });
    const loaded = await loadOfficialPrompts(saved.path, { backbone: siglip, classNames: CLASSES });
    expect(same(loaded, tuned)).toBeLessThanOrEqual(1e-6);
  });

  test('a model without prompts is not saved', async () => {
    const zeroShot = await tunedClipless();
    await expect(saveOfficialPrompts(zeroShot, at('x.pth.tar-1'))).rejects.toThrow(/without learned prompts/);
    expect(await readdir(folder)).toEqual([]);
  });
});

async function tunedClipless(): Promise<LayersModel> {
  const { buildClip } = await import('../../../src/clip/build_clip.js');
  const { promptDesign } = await import('../../../src/prompting/presets.js');
  return buildClip(backbone, { classNames: CLASSES, design: promptDesign('zeroShot', backbone.config) });
}

describe('convert', () => {
  const opened = { backbone: async () => backbone };

  test('prompts -> official -> prompts: the same tensors, and on other classes the same logits', async () => {
    await savePrompts(model, at('prompts'));
    const out = await convert(at('prompts'), at('official.pth.tar-5'));
    expect(out).toMatchObject({ from: 'prompts', to: 'official', path: at('official.pth.tar-5') });
    const back = await convert(out.path, at('back'), { classNames: CLASSES, ...opened });
    expect(back).toEqual({ from: 'official', to: 'prompts', path: at('back') });
    const [one, other] = await Promise.all(
      ['prompts', 'back'].map(async (name) =>
        openTensors(await fileSource(join(at(name), 'adapter_model.safetensors'))),
      ),
    );
    expect([...one.names].sort()).toEqual([...other.names].sort());
    for (const name of one.names) {
      expect(await other.read(name)).toEqual(await one.read(name));
    }
    const [first, second] = await Promise.all(
      ['prompts', 'back'].map((name) => loadPrompts(at(name), backbone, { classNames: ['dog', 'fox', 'owl'] })),
    );
    expect(same(first, second)).toBe(0);
  });

  test('model -> folded, prompts, official; official -> folded', async () => {
    await model.save(fileHandler(at('model')));
    expect(await convert(at('model'), at('folded'))).toMatchObject({ from: 'model', to: 'folded' });
    const folded = await loadLayersModel(fileHandler(at('folded')));
    expect(modelMetadata(folded).folded).toBe(true);
    expect(same(folded, model)).toBeLessThanOrEqual(1e-6);
    await convert(at('model'), at('prompts'), { to: 'prompts' });
    expect(same(await loadPrompts(at('prompts'), backbone), model)).toBe(0);
    const { path } = await convert(at('model'), at('x.safetensors'));
    await convert(path, at('classifier'), { to: 'folded', classNames: CLASSES, ...opened });
    const classifier = await loadLayersModel(fileHandler(at('classifier')));
    expect(classNamesOf(classifier)).toEqual(CLASSES);
    expect(same(classifier, model)).toBeLessThanOrEqual(1e-6);
  });

  test('a CLIP -> a folder of the same weights', async () => {
    await convert(clip, at('clip'));
    const again = await loadBackbone(at('clip'));
    expect(again.config).toEqual(backbone.config);
    const name = 'text/block_1/mlp/up/kernel';
    expect(await again.weights.read(name)).toEqual(await backbone.weights.read(name));
  });

  test('what is there is replaced on request only', async () => {
    await savePrompts(model, at('prompts'));
    await writeFile(at('x.pth.tar-5'), 'mine');
    await expect(convert(at('prompts'), at('x.pth.tar-5'))).rejects.toThrow(/is there already.*--force/);
    expect(await readFile(at('x.pth.tar-5'), 'utf8')).toBe('mine');
    await convert(at('prompts'), at('x.pth.tar-5'), { force: true });
    expect((await inspect(at('x.pth.tar-5'))).kind).toBe('official');
  });

  test('what must be given, and what cannot be, is told; nothing is written', async () => {
    await savePrompts(model, at('prompts'));
    await saveOfficialPrompts(model, at('x.pth.tar-5'));
    const before = await readdir(folder);
    const refused = async (from: string, target: string, args: Parameters<typeof convert>[2], message: RegExp) =>
      expect(convert(at(from), at(target), args)).rejects.toThrow(message);
    await refused('x.pth.tar-5', 'new', opened, /does not tell its class names. Give the names/);
    await refused('x.pth.tar-5', 'new', { classNames: CLASSES }, /holds no CLIP. Give the backbone/);
    await refused(
      'prompts',
      'new',
      { to: 'model' },
      /holds prompts alone. Give the backbone they were tuned on, \S+ \(--backbone\)/,
    );
    await refused('prompts', 'new', { to: 'backbone' }, /can be turned into official, model.*Received: backbone/);
    await refused('prompts', 'x.safetensors', { to: 'model', ...opened }, /model is written as a folder/);
    await refused('nothing', 'new', {}, /nothing cannot be read/);
    expect(await readdir(folder)).toEqual(before);
  });

  test('prompts on another backbone of the same architecture are refused', async () => {
    await savePrompts(model, at('prompts'));
    await writeClip(at('other'), 2);
    const other = async () => loadBackbone(at('other'));
    await expect(convert(at('prompts'), at('m'), { to: 'model', backbone: other })).rejects.toThrow(/were learned on/);
  });
});

describe('the folder of a training', () => {
  beforeEach(async () => {
    await savePrompts(model, at('prompts'));
    await (await foldClassifier(model)).save(fileHandler(at('model')));
  });
  const opened = { backbone: () => loadBackbone(clip) };

  test('gives its prompts, and all that is made of them', async () => {
    expect(await convert(folder, at('x.pth.tar-5'))).toMatchObject({ from: 'prompts', to: 'official' });
    expect((await openTensors(await fileSource(at('x.pth.tar-5')))).names).toContain('prompt_learner.ctx');
    await convert(folder, at('again'), { to: 'prompts', ...opened });
    expect(same(await loadPrompts(at('again'), backbone), model)).toBeLessThanOrEqual(1e-6);
    await convert(folder, at('whole'), { to: 'model', ...opened });
    expect(same(await loadLayersModel(fileHandler(at('whole'))), model)).toBeLessThanOrEqual(1e-6);
  });

  test('gives its folded model, for which no backbone is needed, unless the classes are others', async () => {
    expect(await convert(folder, at('folded'), { to: 'folded' })).toMatchObject({ from: 'model', to: 'folded' });
    expect(same(await loadLayersModel(fileHandler(at('folded'))), model)).toBeLessThanOrEqual(1e-6);
    await convert(folder, at('others'), { to: 'folded', classNames: ['owl', 'seal', 'fox'], ...opened });
    expect(classNamesOf(await loadLayersModel(fileHandler(at('others'))))).toEqual(['owl', 'seal', 'fox']);
  });
});

describe('inspect', () => {
  test('says what each thing is', async () => {
    await savePrompts(model, at('prompts'));
    await model.save(fileHandler(at('model')));
    await saveOfficialPrompts(model, at('x.pth.tar-5'));
    expect(await inspect(at('prompts'))).toMatchObject({
      kind: 'prompts',
      facts: { method: 'maple', classNames: CLASSES },
      parameters: 2 * 2 * 24 + 2 * (24 * 32 + 32),
    });
    expect(await inspect(at('model'))).toMatchObject({ kind: 'model', facts: { classNames: CLASSES, folded: false } });
    expect(await inspect(clip)).toMatchObject({ kind: 'backbone', facts: { config: backbone.config } });
    const official = await inspect(at('x.pth.tar-5'));
    expect(official).toMatchObject({ kind: 'official', facts: { method: 'maple', epoch: 5, holdsClip: false } });
    expect(official.tensors).toContainEqual({ name: 'prompt_learner.ctx', dtype: 'F32', shape: [2, 24] });
    const weights = await inspect(join(at('prompts'), 'adapter_model.safetensors'));
    expect(weights).toMatchObject({ kind: 'tensors', facts: { whyNoClip: expect.stringMatching(/must hold a CLIP/) } });
  });

  test('the records of a training, which are a list', async () => {
    const records = (['zeroShot', 'maple'] as const).map((method) =>
      inventedFewShot({ method, dataset: 'photos', seed: 1, shots: 16, accuracy: 0.5 }),
    );
    await writeFile(at('record.json'), JSON.stringify(records));
    const { kind, what, facts } = await inspect(at('record.json'));
    expect([kind, what]).toEqual(['record', '2 records of few-shot']);
    expect(facts.records).toMatchObject([{ method: 'zeroShot' }, { method: 'maple' }]);
    await writeFile(at('record.json'), JSON.stringify([records[0], { format: 2 }]));
    await expect(inspect(at('record.json'))).rejects.toThrow(/is no record of tfjs-maple: `format` must be 1/);
  });

  test('bad input is told by its path', async () => {
    await writeFile(at('x.json'), '{"a": 1}');
    await writeFile(at('x.bin'), 'nothing');
    await mkdir(at('empty'));
    await expect(inspect(at('x.json'))).rejects.toThrow(/x.json is no record of tfjs-maple: `format` must be 1/);
    await expect(inspect(at('x.bin'))).rejects.toThrow(/x.bin/);
    await expect(inspect(at('empty'))).rejects.toThrow(/empty must be a model.*config.json \(of a CLIP or SigLIP\)/);
    await expect(inspect(at('none'))).rejects.toThrow(/none cannot be read/);
  });
});
