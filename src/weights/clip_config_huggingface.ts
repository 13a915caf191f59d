import { HUGGING_FACE_NAMES } from './huggingface.js';
import { towerFields, towerFromFields, towerToFields, visionFields } from './huggingface_towers.js';
import type { HuggingFaceModel } from './huggingface_towers.js';
import type { Fields } from './json_fields.js';

/** What Hugging Face's CLIPTextConfig and CLIPVisionConfig assume for a field that config.json leaves out. */
const TEXT_DEFAULTS: Fields = {
  hidden_size: 512,
  intermediate_size: 2048,
  num_hidden_layers: 12,
  num_attention_heads: 8,
  max_position_embeddings: 77,
  vocab_size: 49408,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
};
const VISION_DEFAULTS: Fields = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  image_size: 224,
  patch_size: 32,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
};
const PROJECTION_DEFAULT = 512;

/** Hugging Face's CLIPModel. */
export const HUGGING_FACE_CLIP: HuggingFaceModel = {
  modelType: 'clip',
  names: HUGGING_FACE_NAMES,
  fits: ({ vision, text, logitBias }) => vision.pooling !== 'attention' && text.causal !== false && !logitBias,
  read: (json) => {
    const vision = visionFields(json, VISION_DEFAULTS);
    const text = towerFields(json, 'text_config', TEXT_DEFAULTS);
    return {
      // The towers have a projection_dim too, which belongs to their use alone and says nothing of this model.
      embedDim: (json.projection_dim ?? PROJECTION_DEFAULT) as number,
      vision: {
        ...towerFromFields(vision, 'vision_config'),
        imageSize: vision.image_size as number,
        patchSize: vision.patch_size as number,
      },
      text: {
        ...towerFromFields(text, 'text_config'),
        contextLength: text.max_position_embeddings as number,
        vocabularySize: text.vocab_size as number,
      },
    };
  },
  write: ({ vision, text, embedDim }, { startToken, endToken }) => ({
    architectures: ['CLIPModel'],
    model_type: 'clip',
    projection_dim: embedDim,
    text_config: {
      model_type: 'clip_text_model',
      ...towerToFields(text),
      projection_dim: embedDim,
      max_position_embeddings: text.contextLength,
      vocab_size: text.vocabularySize,
      bos_token_id: startToken,
      eos_token_id: endToken,
      pad_token_id: endToken,
    },
    vision_config: {
      model_type: 'clip_vision_model',
      ...towerToFields(vision),
      projection_dim: embedDim,
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      num_channels: 3,
    },
  }),
};
