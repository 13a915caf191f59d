import type { TextConfig, TowerConfig } from '../clip/config.js';
import type { Fields } from './json_fields.js';
import { failField, fieldsOf, refuseUnknown } from './open_clip_fields.js';

/** What open_clip's CLIPTextCfg assumes for a field that is left out. */
const TEXT_DEFAULTS: Fields = { context_length: 77, vocab_size: 49408, width: 512, heads: 8, layers: 12, mlp_ratio: 4 };
/** Fields of the tokeniser, which are read with it, and such as change no result. */
const TEXT_SILENT = ['output_tokens', 'pad_id', 'hf_tokenizer_name', 'hf_pooler_type', 'hf_proj_type'];

/** Fields of a model that are read, or change no result. */
export const MODEL_FIELDS = [
  'embed_dim',
  'vision_cfg',
  'text_cfg',
  'quick_gelu',
  'custom_text',
  'cast_dtype',
  'init_logit_scale',
];

/** What all towers of open_clip's own may say beside their sizes. */
export const TOWER_FIELDS = ['norm_kwargs', 'act_kwargs'];

/**
 * The text tower that an open_clip_config.json describes, which must be open_clip's own.
 * @param model - `model_cfg`
 * @param supported - fields with the one value that they may have
 * @param read - further fields, which are read elsewhere
 */
export function textFromOpenClip(model: Fields, supported: Fields, read: readonly string[] = []): TextConfig {
  const text = fieldsOf(model, 'text_cfg', TEXT_DEFAULTS);
  refuseUnknown('text_cfg', text, [...TOWER_FIELDS, ...TEXT_SILENT, ...read, ...Object.keys(TEXT_DEFAULTS)], supported);
  return {
    ...towerFromOpenClip('text_cfg', text, text.heads as number, model),
    contextLength: text.context_length as number,
    vocabularySize: text.vocab_size as number,
  };
}

/** What both towers are described by. */
export function towerFromOpenClip(group: string, fields: Fields, heads: number, model: Fields): TowerConfig {
  const width = fields.width as number;
  return {
    width,
    layers: fields.layers as number,
    heads,
    // As Python's int() cuts it: 1408 * 4.3637 is 6144.09.
    mlpWidth: Math.floor(width * (fields.mlp_ratio as number)),
    activation: activation(group, fields, model),
    epsilon: (fieldsOf(fields, 'norm_kwargs', {}).eps ?? 1e-5) as number,
  };
}

function activation(group: string, fields: Fields, model: Fields): TowerConfig['activation'] {
  const { approximate = 'none', ...others } = fieldsOf(fields, 'act_kwargs', {});
  const isQuick = model.quick_gelu === true;
  const isTanh = approximate === 'tanh' && !isQuick;
  if (Object.keys(others).length > 0 || !(isTanh || approximate === 'none')) {
    failField(group, 'act_kwargs', 'be off or, without quick_gelu, {"approximate": "tanh"}', fields.act_kwargs);
  }
  return isQuick ? 'quickGelu' : isTanh ? 'geluTanh' : 'gelu';
}
