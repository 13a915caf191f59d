import { MapleError } from '../../layers/errors.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig } from '../clip/config.js';
import type { Fields } from './json_fields.js';
import { fieldsOf, OPEN_CLIP_CONFIG, refuseUnknown, side } from './open_clip_fields.js';
import { MODEL_FIELDS, textFromOpenClip, TOWER_FIELDS, towerFromOpenClip } from './open_clip_towers.js';
import { siglipFromOpenClip } from './siglip_config_open_clip.js';

/** What open_clip's CLIPVisionCfg assumes for a field that is left out. */
const VISION_DEFAULTS: Fields = {
  layers: 12,
  width: 768,
  head_width: 64,
  mlp_ratio: 4,
  patch_size: 16,
  image_size: 224,
};

/** Fields that change no result: of training, of another tower that is then refused by its name, or told by tensors. */
const VISION_SILENT = ['patch_dropout', 'output_tokens', 'timm_pool', 'timm_proj', 'timm_drop', 'timm_drop_path'];

/** Fields with the one value that CLIP's form has; it is also what open_clip assumes where they are left out. */
const VISION_FORM: Fields = { pool_type: 'tok', pos_embed_type: 'learnable' };
const TEXT_FORM: Fields = { pool_type: 'argmax', proj_type: 'linear' };

/** Whether a parsed JSON file is an open_clip_config.json. */
export function isOpenClipConfig(json: object): boolean {
  return 'model_cfg' in json;
}

/**
 * The architecture that an open_clip_config.json describes. A field that is not known and not off changes what the
 * weights mean, and is refused.
 * @throws MapleError for a ResNet, timm or Hugging Face tower, a field that is not supported, or a bad value
 */
export function configFromOpenClip(json: object): ClipConfig {
  const model = fieldsOf(json as Fields, 'model_cfg', {});
  const config = siglipFromOpenClip(model) ?? clipFromOpenClip(model);
  try {
    validateClipConfig(config);
  } catch (error) {
    throw new MapleError(`${OPEN_CLIP_CONFIG}: ${(error as Error).message}`, { cause: error });
  }
  return config;
}

/** The name of the tokeniser that an open_clip_config.json asks for, where it is not CLIP's own. */
export function foreignTokenizer(json: object): string | undefined {
  const text = fieldsOf(fieldsOf(json as Fields, 'model_cfg', {}), 'text_cfg', {});
  return typeof text.hf_tokenizer_name === 'string' && text.hf_tokenizer_name !== ''
    ? text.hf_tokenizer_name
    : undefined;
}

function clipFromOpenClip(model: Fields): ClipConfig {
  const vision = fieldsOf(model, 'vision_cfg', VISION_DEFAULTS);
  refuseForeignTowers(vision, fieldsOf(model, 'text_cfg', {}));
  refuseUnknown('model_cfg', model, MODEL_FIELDS, {});
  const known = [...TOWER_FIELDS, ...VISION_SILENT, ...Object.keys(VISION_DEFAULTS)];
  refuseUnknown('vision_cfg', vision, known, VISION_FORM);
  const heads = (vision.width as number) / (vision.head_width as number);
  return {
    embedDim: model.embed_dim as number,
    vision: {
      ...towerFromOpenClip('vision_cfg', vision, heads, model),
      imageSize: side(vision, 'image_size'),
      patchSize: side(vision, 'patch_size'),
    },
    text: textFromOpenClip(model, TEXT_FORM),
  };
}

function refuseForeignTowers(vision: Fields, text: Fields): void {
  const timm = vision.timm_model_name;
  if (typeof timm === 'string' && timm !== '') {
    throw new MapleError(
      `\`vision_cfg.timm_model_name\` of ${OPEN_CLIP_CONFIG} names an image tower of timm (${timm}), which is not supported. ` +
        "Take a model with CLIP's own vision transformer (ViT-B-32, ViT-L-14, ...), or SigLIP " +
        '(google/siglip-base-patch16-224, ...).',
    );
  }
  const hf = text.hf_model_name;
  if (typeof hf === 'string' && hf !== '') {
    throw new MapleError(
      `\`text_cfg.hf_model_name\` of ${OPEN_CLIP_CONFIG} names a text tower of Hugging Face (${hf}), which is not supported. ` +
        "Take a model with CLIP's own text transformer (ViT-B-32, ViT-L-14, ...).",
    );
  }
  if (Array.isArray(vision.layers)) {
    throw new MapleError(
      `\`vision_cfg.layers\` of ${OPEN_CLIP_CONFIG} is a list: a ResNet CLIP, which is not supported. Take a vision transformer (ViT).`,
    );
  }
}
