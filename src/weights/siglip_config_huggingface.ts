import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import type { ClipConfig } from '../clip/config.js';
import { SIGLIP_FORM } from '../clip/siglip_form.js';
import { HUGGING_FACE_SIGLIP_NAMES } from './huggingface_siglip.js';
import { towerFields, towerFromFields, towerToFields, visionFields } from './huggingface_towers.js';
import type { HuggingFaceModel } from './huggingface_towers.js';
import type { Fields } from './json_fields.js';

/** What Hugging Face's SiglipTextConfig and SiglipVisionConfig assume for a field that config.json leaves out. */
const TOWER_DEFAULTS: Fields = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  hidden_act: 'gelu_pytorch_tanh',
  layer_norm_eps: 1e-6,
};
const TEXT_DEFAULTS: Fields = { ...TOWER_DEFAULTS, max_position_embeddings: 64, vocab_size: 32000 };
const VISION_DEFAULTS: Fields = { ...TOWER_DEFAULTS, image_size: 224, patch_size: 16, vision_use_head: true };

/** Hugging Face's SiglipModel: SigLIP, and SigLIP 2 of a fixed resolution. */
export const HUGGING_FACE_SIGLIP: HuggingFaceModel = {
  modelType: 'siglip',
  names: HUGGING_FACE_SIGLIP_NAMES,
  fits: ({ vision, text, logitBias = false }) =>
    logitBias && hasFields(vision, SIGLIP_FORM.vision) && hasFields(text, SIGLIP_FORM.text),
  read: (json): ClipConfig => {
    const vision = visionFields(json, VISION_DEFAULTS);
    const text = towerFields(json, 'text_config', TEXT_DEFAULTS);
    if (vision.vision_use_head !== true) {
      throw new MapleError(
        '`vision_config.vision_use_head` of config.json must be true: without the attention-pooling head there is no ' +
          `image feature to compare with texts. Received: ${shown(vision.vision_use_head)}.`,
      );
    }
    const embedDim = (text.projection_size ?? text.hidden_size) as number;
    if (embedDim !== vision.hidden_size) {
      throw new MapleError(
        `\`text_config.projection_size\` of config.json must be \`vision_config.hidden_size\`, ${String(vision.hidden_size)}. ` +
          `Received: ${embedDim}.`,
      );
    }
    return {
      embedDim,
      logitBias: true,
      vision: {
        ...towerFromFields(vision, 'vision_config'),
        imageSize: vision.image_size as number,
        patchSize: vision.patch_size as number,
        ...SIGLIP_FORM.vision,
      },
      text: {
        ...towerFromFields(text, 'text_config'),
        contextLength: text.max_position_embeddings as number,
        vocabularySize: text.vocab_size as number,
        ...SIGLIP_FORM.text,
      },
    };
  },
  write: ({ vision, text, embedDim }, { endToken, padding }) => ({
    architectures: ['SiglipModel'],
    model_type: 'siglip',
    text_config: {
      model_type: 'siglip_text_model',
      ...towerToFields(text),
      projection_size: embedDim,
      max_position_embeddings: text.contextLength,
      vocab_size: text.vocabularySize,
      bos_token_id: null,
      eos_token_id: endToken,
      pad_token_id: padding ?? endToken,
    },
    vision_config: {
      model_type: 'siglip_vision_model',
      ...towerToFields(vision),
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      num_channels: 3,
      vision_use_head: true,
    },
  }),
};

function hasFields(config: object, form: object): boolean {
  return Object.entries(form).every(([field, value]) => (config as Fields)[field] === value);
}
