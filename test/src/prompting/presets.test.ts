import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { METHODS, methodsFor, promptDesign, type Method } from '../../../src/prompting/presets.js';
import { trainedParameters } from '../../../src/prompting/trained_parameters.js';
import { allDesigns } from '../../helpers/designs.js';
import { runPresetTest } from '../../helpers/preset_suite.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const tiny = tinyConfig();
const EVERY = 'zeroShot, coop, cocoop, vpt, deepLanguage, ivlp, shallowMaple, unifiedMaple, maple';

/** The shape the paper's figures are of. */
const VIT_B_16 = clipConfigs.vitB16;

// Each design's real graph has as many trainable parameters as the formula says: see "trains exactly" in the suite.
allDesigns(tiny).forEach(([name, design]) => runPresetTest(name, design));

describe('promptDesign', () => {
  test.each<[Method, number]>([
    ['zeroShot', 0],
    ['coop', 2_048],
    ['cocoop', 35_360],
    ['vpt', 73_728],
    ['deepLanguage', 24_576],
    ['ivlp', 30_720],
    ['shallowMaple', 395_008],
    ['unifiedMaple', 403_200],
    ['maple', 3_555_072],
  ])('%s trains %i parameters on ViT-B/16', (method, count) => {
    expect(trainedParameters(promptDesign(method, VIT_B_16), VIT_B_16)).toBe(count);
  });

  test("coop's contexts count by class, where each has its own", () => {
    const shared = promptDesign('coop', VIT_B_16, { length: 16 });
    const own = promptDesign('coop', VIT_B_16, { length: 16, contexts: 'perClass' });
    expect(trainedParameters(shared, VIT_B_16, 100)).toBe(16 * 512);
    expect(trainedParameters(own, VIT_B_16, 100)).toBe(100 * 16 * 512);
  });

  test("cocoop's meta-net follows the features' width and the text tower's", () => {
    const { vitL14 } = clipConfigs;
    // Features of 768, hidden 48, text 768: prompt, then two maps with bias.
    const count = 4 * 768 + (768 + 1) * 48 + (48 + 1) * 768;
    expect(trainedParameters(promptDesign('cocoop', vitL14), vitL14)).toBe(count);
  });

  test('names every method, in the order of the tables', () => {
    expect(METHODS).toEqual(EVERY.split(', '));
  });

  test.each<[Method, number[]]>([
    ['coop', [1, 4, 0, 0]],
    ['cocoop', [1, 4, 0, 0]],
    ['vpt', [0, 0, 12, 8]],
    ['deepLanguage', [12, 4, 0, 0]],
    ['ivlp', [12, 2, 12, 2]],
    ['shallowMaple', [1, 2, 1, 2]],
    ['unifiedMaple', [9, 2, 9, 2]],
  ])('%s has the official depths and lengths, text then image: %j', (method, numbers) => {
    const { textDepth, textLength, visionDepth, visionLength } = promptDesign(method, VIT_B_16);
    expect([textDepth, textLength, visionDepth, visionLength]).toEqual(numbers);
  });

  test('cocoop alone is conditioned on the image', () => {
    const conditioned = METHODS.filter((method) => promptDesign(method, tiny).conditioning === 'metaNet');
    expect(conditioned).toEqual(['cocoop']);
  });

  test('a tower that a method does not prompt sets its depth no limit', () => {
    const uneven = tinyConfig({ vision: { layers: 4 }, text: { layers: 2 } });
    expect(promptDesign('vpt', uneven)).toMatchObject({ textDepth: 0, visionDepth: 4 });
    expect(promptDesign('deepLanguage', uneven)).toMatchObject({ textDepth: 2, visionDepth: 0 });
    expect(promptDesign('ivlp', uneven)).toMatchObject({ textDepth: 2, visionDepth: 2 });
  });

  test("takes CoOp's class positions and contexts, for coop only", () => {
    const options = { classPosition: 'middle', contexts: 'perClass' } as const;
    expect(promptDesign('coop', tiny, options)).toMatchObject(options);
    expect(() => promptDesign('maple', tiny, options)).toThrow(
      new MapleError(
        '`classPosition` can be chosen for text prompts of depth 1 without image prompts only. ' +
          'Received: classPosition=middle, contexts=perClass with textDepth=2, visionDepth=2.',
      ),
    );
    expect(() => promptDesign('zeroShot', tiny, { contexts: 'perClass' })).toThrow(
      new MapleError(
        '`contexts` can be chosen for text prompts of depth 1 without image prompts only. ' +
          'Received: contexts=perClass with textDepth=0, visionDepth=0.',
      ),
    );
    expect(() => promptDesign('cocoop', tiny, { classPosition: 'front' })).toThrow(
      new MapleError(
        'A prompt that is conditioned on the image is shared by all classes and stands before the class name. ' +
          'Received: classPosition=front, conditioning=metaNet.',
      ),
    );
  });

  test("takes MaPLe's own depth and length where the towers have room", () => {
    expect(promptDesign('maple', VIT_B_16)).toEqual({
      ...{ textDepth: 9, textLength: 2, visionDepth: 9, visionLength: 2 },
      ...{ coupling: 'perLayer', initialization: 'words', prefix: 'a photo of a' },
    });
  });

  test('cuts the default depth to the shallower tower, but not a depth that was asked for', () => {
    const uneven = tinyConfig({ vision: { layers: 4 }, text: { layers: 3 } });
    expect(promptDesign('maple', uneven)).toMatchObject({ textDepth: 3, visionDepth: 3 });
    expect(() => promptDesign('maple', uneven, { depth: 4 })).toThrow(
      new MapleError(
        '`textDepth` must be an integer from 0 to 3, the number of layers of the text tower. Received: 4.',
      ),
    );
  });

  test('zeroShot has no prompts, whatever depth and length are asked for', () => {
    const design = promptDesign('zeroShot', tiny, { depth: 2, length: 4 });
    expect(design).toMatchObject({ textDepth: 0, textLength: 0, visionDepth: 0, visionLength: 0 });
  });

  test('takes a depth, a length, a start and a prefix', () => {
    const options = { depth: 1, length: 3, initialization: 'random', prefix: 'a drawing of a' } as const;
    expect(promptDesign('unifiedMaple', tiny, options)).toEqual({
      ...{ textDepth: 1, textLength: 3, visionDepth: 1, visionLength: 3 },
      ...{ coupling: 'unified', initialization: 'random', prefix: 'a drawing of a' },
    });
  });

  test('refuses a configuration that is none, which only callers without types can give', () => {
    const [none, half] = [undefined as never, { ...VIT_B_16, text: undefined as never }];
    expect(() => promptDesign('maple', none)).toThrow(/`config` must describe both towers.*without vision and text/);
    expect(() => methodsFor(half)).toThrow(/one without text/);
  });

  test('refuses a method that there is not', () => {
    expect(() => promptDesign('clowntown' as Method, tiny)).toThrow(
      new MapleError(`\`method\` must be one of ${EVERY}. Received: "clowntown".`),
    );
  });
});
