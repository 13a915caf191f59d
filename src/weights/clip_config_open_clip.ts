import { MapleError } from '../../layers/errors.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import { failField, fieldsOf, OPEN_CLIP_CONFIG, type Fields } from './open_clip_fields.js';

/** What open_clip's CLIPVisionCfg and CLIPTextCfg assume for a field that is left out. */
const VISION_DEFAULTS: Fields = {
  layers: 12,
  width: 768,
  head_width: 64,
  mlp_ratio: 4,
  patch_size: 16,
  image_size: 224,
};
const TEXT_DEFAULTS: Fields = { context_length: 77, vocab_size: 49408, width: 512, heads: 8, layers: 12, mlp_ratio: 4 };

/** Fields that change no result: of training, of another tower that is then refused by its name, or told by tensors. */
const SILENT = {
  model_cfg: ['embed_dim', 'vision_cfg', 'text_cfg', 'quick_gelu', 'custom_text', 'cast_dtype', 'init_logit_scale'],
  vision_cfg: [
    'patch_dropout',
    'output_tokens',
    'timm_pool',
    'timm_proj',
    'timm_drop',
    'timm_drop_path',
    'norm_kwargs',
  ],
  text_cfg: ['output_tokens', 'pad_id', 'hf_tokenizer_name', 'hf_pooler_type', 'hf_proj_type', 'norm_kwargs'],
} as const;

/** Fields with the one value that is supported; it is also what open_clip assumes where they are left out. */
const SUPPORTED: Record<'vision_cfg' | 'text_cfg', Fields> = {
  vision_cfg: { pool_type: 'tok', pos_embed_type: 'learnable' },
  text_cfg: { pool_type: 'argmax', proj_type: 'linear' },
};

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
  const vision = fieldsOf(model, 'vision_cfg', VISION_DEFAULTS);
  const text = fieldsOf(model, 'text_cfg', TEXT_DEFAULTS);
  refuseForeignTowers(vision, text);
  refuseUnknown('model_cfg', model, SILENT.model_cfg, {});
  refuseUnknown('vision_cfg', vision, [...SILENT.vision_cfg, ...Object.keys(VISION_DEFAULTS)], SUPPORTED.vision_cfg);
  refuseUnknown('text_cfg', text, [...SILENT.text_cfg, ...Object.keys(TEXT_DEFAULTS)], SUPPORTED.text_cfg);

  const activation = model.quick_gelu === true ? 'quickGelu' : 'gelu';
  const headWidth = vision.head_width as number;
  const config: ClipConfig = {
    embedDim: model.embed_dim as number,
    vision: {
      ...tower(vision, (vision.width as number) / headWidth, activation),
      imageSize: side(vision.image_size, 'image_size'),
      patchSize: side(vision.patch_size, 'patch_size'),
    },
    text: {
      ...tower(text, text.heads as number, activation),
      contextLength: text.context_length as number,
      vocabularySize: text.vocab_size as number,
    },
  };
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

function refuseForeignTowers(vision: Fields, text: Fields): void {
  const timm = vision.timm_model_name;
  if (typeof timm === 'string' && timm !== '') {
    throw new MapleError(
      `\`vision_cfg.timm_model_name\` of ${OPEN_CLIP_CONFIG} names an image tower of timm (${timm}), which is not supported. ` +
        "Take a model with CLIP's own vision transformer (ViT-B-32, ViT-L-14, ...), or SigLIP in Hugging Face's layout " +
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

function refuseUnknown(group: string, fields: Fields, known: readonly string[], supported: Fields): void {
  for (const [field, value] of Object.entries(fields)) {
    if (known.includes(field) || isOff(value)) {
      continue;
    }
    if (!(field in supported)) {
      failField(group, field, 'be absent or off: it changes what the model computes and is not supported', value);
    }
    if (value !== supported[field]) {
      failField(group, field, `be ${String(supported[field])}; others are not supported`, value);
    }
  }
}

function isOff(value: unknown): boolean {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return value === null || value === undefined || value === false || isEmpty;
}

function tower(fields: Fields, heads: number, activation: TowerConfig['activation']): TowerConfig {
  const width = fields.width as number;
  const norm = (fields.norm_kwargs ?? {}) as Fields;
  return {
    width,
    layers: fields.layers as number,
    heads,
    // As Python's int() cuts it: 1408 * 4.3637 is 6144.09.
    mlpWidth: Math.floor(width * (fields.mlp_ratio as number)),
    activation,
    epsilon: (norm.eps ?? 1e-5) as number,
  };
}

/** A side in pixels, which open_clip also writes as [height, width]. */
function side(value: unknown, field: string): number {
  if (!Array.isArray(value)) {
    return value as number;
  }
  if (value.length !== 2 || value[0] !== value[1]) {
    failField('vision_cfg', field, 'be square', value);
  }
  return value[0] as number;
}
