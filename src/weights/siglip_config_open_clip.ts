import type { ClipConfig, VisionConfig } from '../clip/config.js';
import { siglipConfigs } from '../clip/siglip_configs.js';
import { SIGLIP_FORM } from '../clip/siglip_form.js';
import type { Fields } from './json_fields.js';
import { failField, fieldsOf, refuseUnknown, requireFields, side } from './open_clip_fields.js';
import { MODEL_FIELDS, textFromOpenClip } from './open_clip_towers.js';

const { siglipBase16At224: base, siglipLarge16At256: large, siglipSo400m14At224: so400m } = siglipConfigs;
const { siglip2GiantOpt16At256: giantOpt } = siglipConfigs;

/**
 * timm's image towers of SigLIP's form, by timm's names. Some compute the exact GELU where the models were trained with its
 * tanh; the numbers are to be open_clip's.
 */
export const TIMM_TOWERS: Record<string, VisionConfig> = {
  vit_base_patch32_siglip_256: { ...base.vision, patchSize: 32, imageSize: 256 },
  vit_base_patch16_siglip_224: exact(base, 224),
  vit_base_patch16_siglip_256: exact(base, 256),
  vit_base_patch16_siglip_384: exact(base, 384),
  vit_base_patch16_siglip_512: exact(base, 512),
  vit_large_patch16_siglip_256: exact(large, 256),
  vit_large_patch16_siglip_384: exact(large, 384),
  vit_large_patch16_siglip_512: { ...large.vision, imageSize: 512 },
  vit_so400m_patch14_siglip_224: exact(so400m, 224),
  vit_so400m_patch14_siglip_378: exact(so400m, 378),
  vit_so400m_patch14_siglip_384: exact(so400m, 384),
  vit_so400m_patch16_siglip_256: { ...so400m.vision, patchSize: 16, imageSize: 256 },
  vit_so400m_patch16_siglip_384: { ...so400m.vision, patchSize: 16, imageSize: 384 },
  vit_so400m_patch16_siglip_512: { ...so400m.vision, patchSize: 16, imageSize: 512 },
  vit_giantopt_patch16_siglip_256: { ...giantOpt.vision, imageSize: 256 },
  vit_giantopt_patch16_siglip_384: { ...giantOpt.vision, imageSize: 384 },
};

function exact({ vision }: ClipConfig, imageSize: number): VisionConfig {
  return { ...vision, imageSize, activation: 'gelu' };
}

/** Fields that are read here, or change no result. */
const VISION_SILENT = ['timm_model_name', 'timm_model_pretrained', 'timm_drop', 'timm_drop_path', 'patch_dropout'];
const VISION_FORM: Fields = { timm_pool: 'map', timm_proj: 'none' };
const TEXT_FORM: Fields = { no_causal_mask: true, proj_bias: true, pool_type: 'last' };

/**
 * The architecture that an open_clip_config.json describes, where it is a SigLIP's: the image tower is one of timm's.
 * @param model - `model_cfg`
 */
export function siglipFromOpenClip(model: Fields): ClipConfig | undefined {
  const vision = fieldsOf(model, 'vision_cfg', {});
  const name = String(vision.timm_model_name);
  if (!Object.hasOwn(TIMM_TOWERS, name)) {
    return undefined;
  }
  const tower = TIMM_TOWERS[name];
  refuseUnknown('model_cfg', model, [...MODEL_FIELDS, 'init_logit_bias'], {});
  refuseUnknown('vision_cfg', { ...vision, image_size: side(vision, 'image_size') }, VISION_SILENT, {
    ...VISION_FORM,
    image_size: tower.imageSize,
  });
  requireFields('vision_cfg', vision, VISION_FORM);
  const text = textFromOpenClip(model, { ...TEXT_FORM, proj_type: 'linear' }, ['tokenizer_kwargs']);
  requireFields('text_cfg', fieldsOf(model, 'text_cfg', {}), TEXT_FORM);
  if (typeof model.init_logit_bias !== 'number') {
    failField('model_cfg', 'init_logit_bias', 'be a number for this image tower', model.init_logit_bias);
  }
  return {
    embedDim: model.embed_dim as number,
    logitBias: true,
    vision: tower,
    text: { ...text, ...SIGLIP_FORM.text },
  };
}
