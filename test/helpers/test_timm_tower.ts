import { TIMM_TOWERS } from '../../src/weights/siglip_config_open_clip.js';

/** timm has no small tower of SigLIP's form; test/fixtures/published_forms/make.py adds this one to it. */
export function addTestTimmTower(): void {
  TIMM_TOWERS.vit_test_patch8_siglip_22 = {
    ...TIMM_TOWERS.vit_base_patch32_siglip_256,
    ...{ width: 24, layers: 2, heads: 2, mlpWidth: 40, imageSize: 22, patchSize: 8 },
  };
}
