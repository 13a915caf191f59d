import { clipConfigs } from '../clip/clip_configs.js';
import { siglipConfigs } from '../clip/siglip_configs.js';

/** Every published architecture, of CLIP's form and of SigLIP's. */
export const ARCHITECTURES = { ...clipConfigs, ...siglipConfigs };

/** A key of {@link clipConfigs} or {@link siglipConfigs}. */
export type PublishedArchitecture = keyof typeof ARCHITECTURES;

/** Parameters of each architecture, as PyTorch counts them. */
export const PARAMETERS: Record<PublishedArchitecture, number> = {
  vitB32: 151_277_313,
  vitB16: 149_620_737,
  vitL14: 427_616_513,
  vitL14At336: 427_944_193,
  vitB32At256: 151_288_833,
  vitB16Plus240: 208_377_345,
  vitH14: 986_109_441,
  vitH14At378: 986_714_881,
  vitG14: 1_366_678_273,
  vitBigG14: 2_539_567_105,
  siglipBase16At224: 203_155_970,
  siglipBase16At256: 203_202_050,
  siglipBase16At384: 203_447_810,
  siglipBase16At512: 203_791_874,
  siglipBase16At256Multilingual: 370_626_050,
  siglipLarge16At256: 652_150_786,
  siglipLarge16At384: 652_478_466,
  siglipSo400m14At224: 877_360_306,
  siglipSo400m14At384: 877_960_498,
  siglipSo400m16At256Multilingual: 1_128_758_962,
  siglip2Base32At256: 376_856_066,
  siglip2Base16At224: 375_187_970,
  siglip2Base16At256: 375_234_050,
  siglip2Base16At384: 375_479_810,
  siglip2Base16At512: 375_823_874,
  siglip2Large16At256: 881_526_786,
  siglip2Large16At384: 881_854_466,
  siglip2Large16At512: 882_313_218,
  siglip2So400m14At224: 1_135_463_602,
  siglip2So400m14At378: 1_136_008_498,
  siglip2So400m14At384: 1_136_008_498,
  siglip2So400m16At256: 1_135_670_962,
  siglip2So400m16At384: 1_136_039_602,
  siglip2So400m16At512: 1_136_555_698,
  siglip2GiantOpt16At256: 1_871_393_906,
  siglip2GiantOpt16At384: 1_871_885_426,
};
