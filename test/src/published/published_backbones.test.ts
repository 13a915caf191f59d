import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { validateClipConfig } from '../../../src/clip/config.js';
import {
  ARCHITECTURES,
  PARAMETERS,
  type PublishedArchitecture,
} from '../../../src/published/published_architectures.js';
import { publishedBackbones } from '../../../src/published/published_backbones.js';
import { siglipConfigs } from '../../../src/clip/siglip_configs.js';
import { clipParameters } from '../../../src/evaluation/flops.js';
import { statisticsFromPreprocessor } from '../../../src/weights/preprocessor_config.js';
import { configFromOpenClip, isOpenClipConfig } from '../../../src/weights/clip_config_open_clip.js';
import { configFromHuggingFace } from '../../../src/weights/huggingface_config.js';
import { statisticsFromOpenClip } from '../../../src/weights/statistics_open_clip.js';
import { readOwnFixture } from '../../helpers/fixtures.js';

/** What open_clip and transformers say of each model, and how many parameters they count; made by make.py beside it. */
interface Published {
  open_clip: [architecture: string, tag: string] | null;
  parameters: number;
  /** The configuration file of the model's folder. */
  file: object;
  /** The preprocessor_config.json, where the configuration does not say it. */
  preprocessor?: object;
}
const PUBLISHED = readOwnFixture<Record<string, Published>>('published_backbones', 'published.json');

describe('the published architectures', () => {
  test.each(Object.entries(PARAMETERS))('%s has %i parameters, by its shapes alone', (name, parameters) => {
    const config = ARCHITECTURES[name as PublishedArchitecture];
    expect(() => validateClipConfig(config)).not.toThrow();
    expect(clipParameters(config)).toBe(parameters);
  });

  test('each has its count, and a model', () => {
    const names = [...Object.keys(clipConfigs), ...Object.keys(siglipConfigs)];
    expect(Object.keys(PARAMETERS)).toEqual(names);
    const used = new Set(Object.values(publishedBackbones).map(({ architecture }) => architecture));
    expect([...used].sort()).toEqual([...names].sort());
  });
});

describe('publishedBackbones', () => {
  test('are those of the reference, no more and no fewer', () => {
    expect(Object.keys(publishedBackbones).sort()).toEqual(Object.keys(PUBLISHED).sort());
  });

  describe.each(Object.entries(PUBLISHED))('%s', (name, { open_clip, parameters, file, preprocessor }) => {
    const backbone = publishedBackbones[name];

    test('is what its configuration file says, and has as many parameters as PyTorch counts', () => {
      const config = isOpenClipConfig(file) ? configFromOpenClip(file) : configFromHuggingFace(file);
      expect(backbone.config).toEqual(config);
      expect(backbone.parameters).toBe(parameters);
      expect(backbone.openClip).toBe(open_clip?.join(', '));
    });

    test('takes its pictures as its files say', () => {
      const { imageSize } = backbone.config.vision;
      const statistics = preprocessor
        ? statisticsFromPreprocessor('preprocessor_config.json', preprocessor, { imageSize, from: 'config.json' })
        : statisticsFromOpenClip(file);
      expect(backbone.imageStatistics).toEqual(statistics);
    });
  });
});
