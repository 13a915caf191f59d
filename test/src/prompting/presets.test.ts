import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { METHODS, promptDesign, type Method } from '../../../src/prompting/presets.js';
import { trainedParameters } from '../../../src/prompting/trained_parameters.js';
import { allDesigns } from '../../helpers/designs.js';
import { runPresetTest } from '../../helpers/preset_suite.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const tiny = tinyConfig();

/** The shape the paper's figures are of. */
const VIT_B_16 = clipConfigs.vitB16;

// Each design's real graph has as many trainable parameters as the formula says: see "trains exactly" in the suite.
allDesigns(tiny).forEach(([name, design]) => runPresetTest(name, design));

describe('promptDesign', () => {
  test.each<[Method, number]>([
    ['zeroShot', 0],
    ['coop', 2_048],
    ['shallowMaple', 395_008],
    ['unifiedMaple', 403_200],
    ['maple', 3_555_072],
  ])('%s trains %i parameters on ViT-B/16', (method, count) => {
    expect(trainedParameters(promptDesign(method, VIT_B_16), VIT_B_16)).toBe(count);
  });

  test('names every method', () => {
    expect(METHODS).toEqual(['zeroShot', 'coop', 'maple', 'shallowMaple', 'unifiedMaple']);
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

  test('refuses a method that there is not', () => {
    expect(() => promptDesign('clowntown' as Method, tiny)).toThrow(
      new MapleError('`method` must be one of zeroShot, coop, maple, shallowMaple, unifiedMaple. Received: clowntown.'),
    );
  });
});
