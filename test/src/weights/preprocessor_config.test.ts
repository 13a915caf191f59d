import { describe, expect, test } from '@jest/globals';
import { CLIP_IMAGE_STATISTICS, SIGLIP_IMAGE_STATISTICS, type ImageStatistics } from '../../../src/clip/config.js';
import { preprocessorOf, statisticsFromPreprocessor } from '../../../src/weights/preprocessor_config.js';
import { readOwnFixture } from '../../helpers/fixtures.js';

const MODEL = { imageSize: 224, from: 'config.json' };
const SQUARE = { height: 224, width: 224 };
const STATISTICS = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const HALF: ImageStatistics = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

const read = (json: object): ImageStatistics => statisticsFromPreprocessor('files/p.json', json, MODEL);
const published = (name: string): object => readOwnFixture('resizing', `${name}.preprocessor_config.json`);

describe('statisticsFromPreprocessor', () => {
  test.each<[string, object, ImageStatistics]>([
    ["SigLIP's", published('siglip'), SIGLIP_IMAGE_STATISTICS],
    ["SigLIP 2's", published('siglip2'), { ...SIGLIP_IMAGE_STATISTICS, filter: 'bilinear' }],
    ['a bilinear CLIP’s', published('clip-bilinear'), { mean: [0, 0, 0], deviation: [1, 1, 1], filter: 'bilinear' }],
    [
      "the oldest, OpenAI's",
      {
        ...STATISTICS,
        feature_extractor_type: 'CLIPFeatureExtractor',
        crop_size: 224,
        do_center_crop: true,
        resample: 3,
        size: 224,
      },
      HALF,
    ],
    [
      'a fast one’s',
      {
        ...STATISTICS,
        image_processor_type: 'CLIPImageProcessorFast',
        crop_size: SQUARE,
        size: { shortest_edge: 224, longest_edge: null },
        do_pad: null,
      },
      HALF,
    ],
    ['one that says statistics alone', STATISTICS, HALF],
    [
      'SigLIP’s by its name alone',
      { ...STATISTICS, image_processor_type: 'SiglipImageProcessorFast' },
      SIGLIP_IMAGE_STATISTICS,
    ],
    ['a CLIP’s that squashes', { ...STATISTICS, size: SQUARE, crop_size: SQUARE }, { ...HALF, fit: 'squash' }],
    [
      'a newer processor_config.json’s',
      { processor_class: 'SiglipProcessor', image_processor: published('siglip2') },
      { ...SIGLIP_IMAGE_STATISTICS, filter: 'bilinear' },
    ],
  ])('reads %s', (_, json, expected) => {
    expect(read(json)).toStrictEqual(expected);
  });

  test.each<[object, string]>([
    [{ image_processor_type: 'Siglip2ImageProcessor' }, '`image_processor_type` of files/p.json must be CLIP'],
    [{ feature_extractor_type: 'ViTFeatureExtractor' }, '`feature_extractor_type` of files/p.json must be CLIP'],
    [{ image_processor_type: 3 }, 'others are not supported. Received: 3.'],
    [{ resample: 1 }, '`resample` of files/p.json must be 3 (bicubic) or 2 (bilinear); others'],
    [{ resample: '3' }, 'Received: "3".'],
    [{ do_resize: false }, '`do_resize` of files/p.json must be true; else is not supported. Received: false.'],
    [{ do_rescale: false }, '`do_rescale` of files/p.json must be true'],
    [{ do_normalize: false }, '`do_normalize` of files/p.json must be true'],
    [{ do_pad: true }, '`do_pad` of files/p.json must be false'],
    [{ rescale_factor: 1 / 127.5 }, '`rescale_factor` of files/p.json must be 1/255'],
    [{ do_center_crop: false }, '`do_center_crop` of files/p.json must be true where `size` is a shortest edge'],
    [
      { image_processor_type: 'SiglipImageProcessor', size: { shortest_edge: 224 } },
      '`do_center_crop` of files/p.json',
    ],
    [
      { size: 256 },
      '`size` of files/p.json must be {"shortest_edge": 224} or {"height": 224, "width": 224}, for `vision',
    ],
    [
      { size: { shortest_edge: 256 } },
      '`vision_config.image_size` of config.json, 224. Received: {"shortest_edge":256}.',
    ],
    [{ size: { height: 224, width: 336 } }, 'Received: {"height":224,"width":336}.'],
    [{ size: { longest_edge: 224 } }, 'Received: {"longest_edge":224}.'],
    [{ size: { shortest_edge: 224, longest_edge: 300 } }, '`size` of files/p.json must be'],
    [{ size: '224' }, 'Received: "224".'],
    [{ image_processor_type: 'SiglipImageProcessor', size: 224 }, '`size` of files/p.json must be'],
    [{ crop_size: { height: 224, width: 200 } }, '`crop_size` of files/p.json must be `vision_config.image_size` of'],
    [{ size: SQUARE, do_center_crop: true, crop_size: 200 }, '`crop_size` of files/p.json must be'],
    [{ image_mean: [0.5, 0.5] }, '`image_mean` of files/p.json must be three numbers, for red, green and blue.'],
    [{ image_std: [1, 0, 1] }, '`image_std` of files/p.json must be three numbers above 0'],
    [{ image_std: undefined }, 'Received: nothing.'],
    [{ image_processor: { ...STATISTICS, resample: 0 } }, '`image_processor.resample` of files/p.json must be 3'],
  ])('refuses %j', (change, message) => {
    expect(() => read({ ...STATISTICS, ...change })).toThrow(message);
    expect(() => read({ ...STATISTICS, ...change })).toThrow(expect.objectContaining({ name: 'MapleError' }));
  });
});

describe('preprocessorOf', () => {
  test('is of CLIP what it has always been, in this order', () => {
    expect(JSON.stringify(preprocessorOf(48, CLIP_IMAGE_STATISTICS))).toBe(
      '{"image_processor_type":"CLIPImageProcessor","do_resize":true,"size":{"shortest_edge":48},"resample":3,' +
        '"do_center_crop":true,"crop_size":{"height":48,"width":48},"do_convert_rgb":true,"do_rescale":true,' +
        '"rescale_factor":0.00392156862745098,"do_normalize":true,"image_mean":[0.48145466,0.4578275,0.40821073],' +
        '"image_std":[0.26862954,0.26130258,0.27577711]}',
    );
  });

  test.each<[ImageStatistics]>([
    [CLIP_IMAGE_STATISTICS],
    [SIGLIP_IMAGE_STATISTICS],
    [{ ...SIGLIP_IMAGE_STATISTICS, filter: 'bilinear' }],
    [{ ...CLIP_IMAGE_STATISTICS, filter: 'bilinear' }],
  ])('reads back as %j', (statistics) => {
    expect(read(preprocessorOf(224, statistics))).toStrictEqual(statistics);
  });

  test("of SigLIP 2 says what its own says, but for the processor's class", () => {
    const { processor_class, ...siglip2 } = published('siglip2') as Record<string, unknown>;
    expect(processor_class).toBe('SiglipProcessor');
    expect(preprocessorOf(224, { ...SIGLIP_IMAGE_STATISTICS, filter: 'bilinear' })).toEqual({
      ...siglip2,
      do_convert_rgb: true,
    });
  });
});
