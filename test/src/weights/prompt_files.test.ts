import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { classNamesOf, modelMetadata } from '../../../src/backbone/model_metadata.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { completeDesign } from '../../../src/prompting/design.js';
import { METHODS, promptDesign } from '../../../src/prompting/presets.js';
import { VERSION } from '../../../src/version.js';
import { memorySource } from '../../../src/weights/byte_source.js';
import {
  applyPromptFiles,
  loadPromptFiles,
  promptFiles,
  type LoadPromptsOptions,
  type PromptFiles,
} from '../../../src/weights/prompt_files.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors, type TensorToWrite } from '../../../src/weights/safetensors_writer.js';
import { largestDifference } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

const CLASSES = ['American Bulldog', 'cat', 'dog'];
/** Names of the trained tensors of MaPLe at depth 2. */
const TENSORS = [
  'coupler_0/bias',
  'coupler_0/kernel',
  'coupler_1/bias',
  'coupler_1/kernel',
  'text/prompt_0/prompt',
  'text/prompt_1/prompt',
];
let backbone: Backbone;
let model: LayersModel;
let files: PromptFiles;
let images: tf.Tensor4D;

beforeAll(async () => {
  await tf.setBackend('cpu');
  backbone = await tinyBackbone();
  model = await tunedClip(backbone, 'maple', { classNames: CLASSES });
  files = await promptFiles(model);
  images = somePictures(backbone, 4);
});

function logits(of: LayersModel): tf.Tensor {
  return of.predict(images) as tf.Tensor;
}

function learned(of: LayersModel): Map<string, number[]> {
  return new Map(of.trainableWeights.map((weight) => [weight.originalName, Array.from(weight.read().dataSync())]));
}

type Json = Record<string, unknown>;

/** The files with another config; the digest of the weights is left out where they change too. */
function changed(change: (config: Json) => void, weights = files.weights): PromptFiles {
  const config = JSON.parse(files.config) as Json;
  if (weights !== files.weights) {
    config.weights_sha256 = null;
  }
  change(config);
  return { config: JSON.stringify(config), weights };
}

async function tensors(): Promise<TensorToWrite[]> {
  const file = await openSafetensors(memorySource('memory', files.weights));
  const read = file.names.map(async (name) => ({ name, dtype: 'F32' as const, ...(await file.read(name)) }));
  return Promise.all(read);
}

/** The weight file with other tensors. */
async function reweighted(change: (all: TensorToWrite[]) => TensorToWrite[]): Promise<PromptFiles> {
  const weights = Buffer.concat(encodeSafetensors(change(await tensors())));
  return changed(() => undefined, new Uint8Array(weights));
}

async function refused(bad: PromptFiles, message: string | RegExp, options?: LoadPromptsOptions): Promise<void> {
  const before = learned(model);
  const { numTensors } = tf.memory();
  await expect(loadPromptFiles(bad, backbone, options)).rejects.toThrow(message);
  await expect(loadPromptFiles(bad, backbone, options)).rejects.toMatchObject({ name: 'MapleError' });
  expect(tf.memory().numTensors).toBe(numTensors);
  await expect(applyPromptFiles(model, bad)).rejects.toThrow(message);
  expect(learned(model)).toEqual(before);
}

describe('the two files', () => {
  test('config: sorted keys, indented, everything the model is made of', () => {
    const config = JSON.parse(files.config) as Json;
    expect(config).toEqual({
      base_model_config: backbone.config,
      base_model_name_or_path: 'tiny',
      base_model_sha256: 'tiny-identity',
      class_names: CLASSES,
      format_version: 1,
      image_statistics: backbone.imageStatistics,
      peft_type: 'MAPLE',
      prompt_design: completeDesign(promptDesign('maple', backbone.config)),
      task_type: 'IMAGE_CLASSIFICATION',
      templates: null,
      tfjs_maple_version: VERSION,
      trained_parameters: 2 * 2 * 24 + 2 * (24 * 32 + 32),
      weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Object.keys(config)).toEqual(Object.keys(config).sort());
    expect(files.config).toBe(`${JSON.stringify(config, undefined, 2)}\n`);
  });

  test('weights: prompts and couplers under our names, nothing of the backbone', async () => {
    const file = await openSafetensors(memorySource('memory', files.weights));
    expect([...file.names].sort()).toEqual(TENSORS);
    expect(file.shape('text/prompt_1/prompt')).toEqual([2, 24]);
    expect(file.shape('coupler_0/kernel')).toEqual([24, 32]);
    expect([...file.metadata]).toEqual([
      ['format', 'tfjs'],
      ['tfjs_maple_version', VERSION],
    ]);
  });

  test('are the same for a model that is frozen', async () => {
    model.trainable = false;
    try {
      expect(await promptFiles(model)).toEqual(files);
    } finally {
      model.trainable = true;
    }
  });

  test('are the same for swapped class names, but for those', async () => {
    const swapped = await promptFiles(await swapClassNames(model, backbone, ['fox']));
    expect(swapped.weights).toEqual(files.weights);
    expect(JSON.parse(swapped.config)).toEqual({ ...(JSON.parse(files.config) as Json), class_names: ['fox'] });
  });

  test('of a folded model, or one with NaN, cannot be made', async () => {
    await expect(promptFiles(await foldClassifier(model))).rejects.toThrow(/folded model has no text prompts.*Give/);
    const broken = await buildClip(backbone, { classNames: CLASSES, design: promptDesign('coop', backbone.config) });
    tf.tidy(() => void broken.trainableWeights[0].write(tf.fill([4, 24], NaN)));
    await expect(promptFiles(broken)).rejects.toThrow(
      /"text\/prompt_0\/prompt" must hold finite numbers. Received: NaN/,
    );
  });
});

describe('loading', () => {
  test.each(METHODS)('%s comes back with equal tensors and logits', async (method) => {
    const tuned =
      method === 'zeroShot'
        ? await buildClip(backbone, {
            classNames: CLASSES,
            design: promptDesign(method, backbone.config),
            templates: ['a drawing of a {}.', 'a photo of a {}.'],
          })
        : await tunedClip(backbone, method, { classNames: CLASSES });
    const loaded = await loadPromptFiles(await promptFiles(tuned), backbone);
    expect(learned(loaded)).toEqual(learned(tuned));
    expect(learned(loaded).size === 0).toBe(method === 'zeroShot');
    expect(largestDifference(logits(loaded), logits(tuned))).toBe(0);
    expect(modelMetadata(loaded)).toEqual(modelMetadata(tuned));
  });

  test('image prompts tuned on averaged templates come back with the templates', async () => {
    const templates = ['a photo of a {}.', 'a drawing of a {}.', 'itap of a {}.'];
    const tuned = await tunedClip(backbone, 'vpt', { classNames: CLASSES, templates });
    const saved = await promptFiles(tuned);
    expect((JSON.parse(saved.config) as Json).templates).toEqual(templates);
    const loaded = await loadPromptFiles(saved, backbone);
    expect(modelMetadata(loaded)).toMatchObject({ templates });
    expect(largestDifference(logits(loaded), logits(tuned))).toBe(0);
    const other = await buildClip(backbone, { classNames: CLASSES, design: promptDesign('vpt', backbone.config) });
    expect(largestDifference(logits(other), logits(tuned))).toBeGreaterThan(1e-3);
    await expect(applyPromptFiles(other, saved)).rejects.toThrow(
      /another design: templates a photo of a \{\}\. \| a drawing of a \{\}\. \| itap .*, the model's is undefined/,
    );
  });

  test.each(['end', 'middle', 'front'] as const)(
    'contexts of each class its own, its name at the %s, come back for these classes only',
    async (classPosition) => {
      const design = promptDesign('coop', backbone.config, { contexts: 'perClass', classPosition });
      const build = (classNames: string[]) => buildClip(backbone, { classNames, design });
      const tuned = await build(CLASSES);
      tf.tidy(() => void tuned.trainableWeights[0].write(tf.randomNormal([3, 4, 24], 0, 0.5, 'float32', 3)));
      const saved = await promptFiles(tuned);
      const loaded = await loadPromptFiles(saved, backbone);
      expect(learned(loaded)).toEqual(learned(tuned));
      expect(largestDifference(logits(loaded), logits(tuned))).toBe(0);
      const fresh = await build(CLASSES);
      await applyPromptFiles(fresh, saved);
      expect(largestDifference(logits(fresh), logits(tuned))).toBe(0);

      const others = ['fox', 'owl', 'bird'];
      const message = 'Every class of adapter_config.json learned a context of its own, and other classes have none. ';
      await expect(loadPromptFiles(saved, backbone, { classNames: others })).rejects.toThrow(
        `${message}Leave \`classNames\` out.`,
      );
      for (const classNames of [others, [...CLASSES].reverse(), CLASSES.slice(1)]) {
        await expect(applyPromptFiles(await build(classNames), saved)).rejects.toThrow(
          `${message}Give a model of the same class names, in the same order.`,
        );
      }
    },
  );

  test('a conditioned prompt comes back in chunks of as many texts as asked for', async () => {
    const tuned = await tunedClip(backbone, 'cocoop', { classNames: CLASSES });
    const loaded = await loadPromptFiles(await promptFiles(tuned), backbone, { textRows: 5 });
    expect(loaded.getLayer('text/tower').getConfig().rows).toBe(5);
    expect(largestDifference(logits(loaded), logits(tuned))).toBeLessThan(1e-5);
  });

  test('a step has changed every tensor, so that equal ones prove something', async () => {
    const fresh = await buildClip(backbone, { classNames: CLASSES, design: promptDesign('maple', backbone.config) });
    const [before, after] = [learned(fresh), learned(model)];
    for (const name of TENSORS) {
      expect(after.get(name)).not.toEqual(before.get(name));
    }
  });

  test('for other classes gives what swapping them gives', async () => {
    const classNames = ['tench', 'goldfish'];
    const loaded = await loadPromptFiles(files, backbone, { classNames });
    expect(classNamesOf(loaded)).toEqual(classNames);
    const swapped = await swapClassNames(model, backbone, classNames);
    expect(largestDifference(logits(loaded), logits(swapped))).toBe(0);
    await expect(loadPromptFiles(files, backbone, { classNames: ['cat', 'cat'] })).rejects.toThrow(
      /must differ: "cat"/,
    );
  });

  test('into a model that exists sets its values, whatever its classes', async () => {
    const design = promptDesign('maple', backbone.config);
    const fresh = await buildClip(backbone, { classNames: ['fox', 'owl'], design, seed: 5 });
    await applyPromptFiles(fresh, files);
    expect(learned(fresh)).toEqual(learned(model));
    const swapped = await swapClassNames(model, backbone, ['fox', 'owl']);
    expect(largestDifference(logits(fresh), logits(swapped))).toBe(0);
    expect(classNamesOf(fresh)).toEqual(['fox', 'owl']);
  });

  test('into a model of another design, or a folded one, is refused', async () => {
    const design = promptDesign('maple', backbone.config, { depth: 1, prefix: 'a drawing of a' });
    const other = await buildClip(backbone, { classNames: CLASSES, design });
    await expect(applyPromptFiles(other, files)).rejects.toThrow(
      /another design: textDepth 2, the model's is 1; visionDepth 2, .*; prefix a photo of a, the model's is a drawing/,
    );
    await expect(applyPromptFiles(await foldClassifier(model), files)).rejects.toThrow(/folded model/);
  });

  test('on another backbone is refused with both names', async () => {
    const other = await tinyBackbone({ name: 'other', identity: 'other-identity', seed: 2 });
    const message = /learned on "tiny" \(tiny-identity\), not on "other" \(other-identity\). Give the backbone/;
    await expect(loadPromptFiles(files, other)).rejects.toThrow(message);
    const design = promptDesign('maple', other.config);
    const foreign = await buildClip(other, { classNames: CLASSES, design });
    await expect(applyPromptFiles(foreign, files)).rejects.toThrow(message);
  });

  test('on the same weights with another activation or image statistics is refused', async () => {
    const gelu = await tinyBackbone({ vision: { activation: 'gelu' } });
    await expect(loadPromptFiles(files, gelu)).rejects.toThrow(
      /other settings: config.vision.activation is gelu, was quickGelu. Load the backbone as/,
    );
    const statistics = { mean: [0.5, 0.5, 0.5], deviation: backbone.imageStatistics.deviation } as const;
    await expect(loadPromptFiles(files, { ...backbone, imageStatistics: statistics })).rejects.toThrow(
      /imageStatistics.mean.0 is 0.5, was 0.48145466; imageStatistics.mean.1/,
    );
  });

  test('fit and filter of the pictures travel with the prompts, and count', async () => {
    const { imageStatistics } = backbone;
    const siglip = { ...backbone, imageStatistics: { ...imageStatistics, fit: 'squash', filter: 'bilinear' } as const };
    const squashing = await promptFiles(await tunedClip(siglip, 'maple', { classNames: CLASSES }));
    expect((JSON.parse(squashing.config) as Json).image_statistics).toEqual(siglip.imageStatistics);
    expect(modelMetadata(await loadPromptFiles(squashing, siglip)).imageStatistics).toEqual(siglip.imageStatistics);
    await expect(loadPromptFiles(squashing, backbone)).rejects.toThrow(
      /other settings: imageStatistics.fit is crop, was squash; imageStatistics.filter is bicubic, was bilinear\. Load/,
    );
    // CLIP's own way is what a file says that says nothing.
    const clip = { ...backbone, imageStatistics: { ...imageStatistics, fit: 'crop', filter: 'bicubic' } as const };
    expect(await promptFiles(await tunedClip(clip, 'maple', { classNames: CLASSES }))).toEqual(files);
    await expect(loadPromptFiles(files, clip)).resolves.toBeDefined();
    await expect(loadPromptFiles(files, siglip)).rejects.toThrow('imageStatistics.fit is squash, was crop');
  });

  test('fields of a newer version are left out with a warning, once', async () => {
    const warn = jest.fn<(message: string) => void>();
    const newer = changed((config) => Object.assign(config, { tfjs_maple_version: '9.1.0', soup: 1, __proto: [] }));
    const loaded = await loadPromptFiles(newer, backbone, { warn });
    expect(largestDifference(logits(loaded), logits(model))).toBe(0);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/by tfjs-maple 9.1.0 .*left out: soup, __proto. Upgrade/)],
    ]);
    await loadPromptFiles(files, backbone, { warn });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('a file by other hands, in half precision and without digest, loads', async () => {
    const half = await reweighted((all) => all.map((tensor) => ({ ...tensor, dtype: 'F16' })));
    const loaded = await loadPromptFiles(half, backbone);
    expect(largestDifference(logits(loaded), logits(model))).toBeLessThan(0.05);
  });
});

describe('a bad adapter_config.json', () => {
  test.each<[string, string, string]>([
    ['is empty', '', 'adapter_config.json must be JSON with no key twice: Expected a value at character 0'],
    ['is cut', '{"peft_type": "MAP', 'must be JSON with no key twice'],
    ['is a list', '[]', 'adapter_config.json must hold a JSON object. Received: a list.'],
    ['has a key twice', '{"templates": null, "templates": "x"}', 'The key "templates" is given twice'],
    ['is nested without end', '['.repeat(1e5), 'Nested deeper than 16'],
    [
      'is of another method',
      '{"peft_type": "LORA"}',
      '`peft_type` of adapter_config.json must be MAPLE. Received: "LORA".',
    ],
  ])('that %s is refused', async (_, config, message) => {
    await refused({ config, weights: files.weights }, message);
  });

  test.each<[string, unknown, string]>([
    ['format_version', 2, 'must be 1, the one that tfjs-maple'],
    ['format_version', '1', 'must be an integer, 0 or more. Received: "1".'],
    ['tfjs_maple_version', null, 'must be a string that is not empty. Received: null.'],
    ['class_names', 'cat', 'must be a list of strings that are not empty. Received: "cat".'],
    ['class_names', ['cat', 3], 'must be a list of strings'],
    ['class_names', { length: 2 }, 'Received: an object.'],
    ['class_names', undefined, 'Received: nothing.'],
    ['templates', 7, 'must be a list of strings that are not empty. Received: 7.'],
    ['templates', ['a {}.', ''], 'must be a list of strings that are not empty. Received: a list.'],
    ['templates', 'a {}.', 'must be a list of strings that are not empty. Received: "a {}.".'],
    ['base_model_sha256', ['x'], 'must be a string that is not empty. Received: a list.'],
    ['base_model_config', 'ViT', 'must be an object. Received: "ViT".'],
    ['image_statistics', null, 'must be an object. Received: null.'],
    ['image_statistics.mean', [0, 1], 'must be three numbers. Received: a list.'],
    ['image_statistics.deviation', [1, 1, '1'], 'must be three numbers'],
    ['image_statistics.fit', 'pad', 'must be crop or squash. Received: "pad".'],
    ['image_statistics.filter', 2, 'must be bicubic or bilinear. Received: 2.'],
    ['prompt_design', [], 'must be an object'],
    ['prompt_design.textDepth', 1.5, 'must be an integer, 0 or more. Received: 1.5.'],
    ['prompt_design.textDepth', -1, 'Received: -1.'],
    ['prompt_design.textLength', 1e300, 'Received: 1e+300.'],
    [
      'prompt_design.coupling',
      'x'.repeat(5000),
      `must be none or perLayer or unified. Received: "${'x'.repeat(79)}...`,
    ],
    ['prompt_design.prefix', null, 'must be a string. Received: null.'],
    ['prompt_design.classPosition', 'back', 'must be end or middle or front. Received: "back".'],
    ['prompt_design.contexts', undefined, 'must be shared or perClass. Received: nothing.'],
    ['prompt_design.conditioning', 1, 'must be none or metaNet. Received: 1.'],
    ['prompt_design.metaNet', true, `must be absent for tfjs-maple ${VERSION} (written by ${VERSION}; upgrade)`],
    ['trained_parameters', null, 'must be an integer, 0 or more. Received: null.'],
    ['weights_sha256', 5, 'must be a string that is not empty. Received: 5.'],
  ])('whose %s is %j is refused', async (path, value, message) => {
    const bad = changed((config) => {
      const keys = path.split('.');
      const owner = keys.length === 1 ? config : (config[keys[0]] as Json);
      owner[keys[keys.length - 1]] = value;
    });
    await refused(bad, `\`${path}\` of adapter_config.json must be`);
    await refused(bad, message);
  });

  test.each<[string, object, RegExp]>([
    ['more depth than layers', { textDepth: 9, visionDepth: 9 }, /`prompt_design` of .*`textDepth` must be .* 0 to 2/],
    ['no room for a class name', { textLength: 17, visionLength: 17 }, /`textLength` leaves no room for a class name/],
    ['a length beyond memory', { textLength: 1e12, visionLength: 1e12 }, /leaves no room/],
    [
      'a class position beside deep prompts',
      { classPosition: 'front' },
      /`classPosition` can be chosen for .* depth 1/,
    ],
    ['a meta-net beside deep prompts', { conditioning: 'metaNet' }, /`conditioning` can be chosen for .* depth 1/],
    ['coupled prompts of two lengths', { visionLength: 3 }, /`prompt_design` of .*Coupled prompts need/],
  ])('that asks for %s is refused before anything is built', async (_, design, message) => {
    const bad = changed((config) => Object.assign(config.prompt_design as Json, design));
    await expect(loadPromptFiles(bad, backbone)).rejects.toThrow(message);
  });

  test('whose class names cannot be is refused', async () => {
    const bad = changed((config) => (config.class_names = ['cat', 'cat']));
    await expect(loadPromptFiles(bad, backbone)).rejects.toThrow(/must differ: "cat" stands at 0 and at 1/);
  });

  test('whose count of parameters lies is refused', async () => {
    const bad = changed((config) => (config.trained_parameters = 1));
    await refused(bad, /`trained_parameters` of adapter_config.json must be 1696, .* Received: 1\./);
  });
});

describe('a bad adapter_model.safetensors', () => {
  test('that is cut or has bytes appended is refused', async () => {
    const { config, weights } = files;
    await refused({ config, weights: weights.slice(0, 6) }, /must hold at least 8 bytes. Received: 6/);
    await refused({ config, weights: weights.slice(0, -4) }, /must lie inside the file's .* Is the file complete/);
    await refused({ config, weights: Uint8Array.of(...weights, 0) }, /must reach to the end of the file/);
  });

  test('whose header lies is refused', async () => {
    const weights = files.weights.slice();
    const text = new TextDecoder().decode(weights);
    const at = text.indexOf('"shape":[24,32]');
    weights.set(new TextEncoder().encode('"shape":[24,99]'), at);
    await refused({ config: files.config, weights }, /`data_offsets` must span 9504 bytes for F32 \[24, 99\]/);
  });

  test('with a changed bit is refused by its digest', async () => {
    const weights = files.weights.slice();
    weights[weights.length - 1] ^= 1;
    await refused({ config: files.config, weights }, /is not the file that adapter_config.json was written with/);
  });

  test('with missing, unexpected, mis-shaped and mis-typed tensors is refused with all of them named', async () => {
    const bad = await reweighted((all) => [
      ...all.flatMap((tensor) => {
        switch (tensor.name) {
          case 'coupler_0/bias':
            return [];
          case 'coupler_1/kernel':
            return [{ ...tensor, shape: [32, 24] }];
          default:
            return [tensor];
        }
      }),
      { name: 'vision/patches/kernel', dtype: 'F32', shape: [1], values: new Float32Array(1) },
    ]);
    await refused(
      bad,
      'missing: coupler_0/bias [32]\n  wrong shape: coupler_1/kernel is [32, 24], expected [24, 32]\n' +
        '  unexpected: vision/patches/kernel [1]\nDo the two files belong together?',
    );
  });

  test('of another width is refused', async () => {
    const wide = await tinyBackbone({ vision: { width: 48 } });
    const { weights } = await promptFiles(await tunedClip(wide, 'maple', { classNames: CLASSES }));
    await refused(
      changed(() => undefined, weights),
      /wrong shape: coupler_0\/kernel is \[24, 48\], expected \[24, 32\]/,
    );
  });

  test('with integers or NaN is refused', async () => {
    const text = new TextDecoder('latin1').decode(files.weights).replace('"dtype":"F32"', '"dtype":"I32"');
    const integers = changed(
      () => undefined,
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
    );
    await refused(integers, /wrong type: coupler_0\/bias is I32, expected F32, F16/);
    const broken = await reweighted((all) =>
      all.map((tensor) => ({ ...tensor, values: tensor.values.map((value, index) => (index === 3 ? NaN : value)) })),
    );
    await refused(broken, /must hold finite numbers. Received: NaN at 3/);
  });
});
