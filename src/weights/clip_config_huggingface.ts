import { MapleError } from '../../layers/errors.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import type { ClipTokenizer } from '../clip/tokenizer.js';

type Fields = Record<string, unknown>;

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
  num_channels: 3,
  hidden_act: 'quick_gelu',
  layer_norm_eps: 1e-5,
};
const PROJECTION_DEFAULT = 512;

const ACTIVATIONS: Record<string, TowerConfig['activation']> = { quick_gelu: 'quickGelu', gelu: 'gelu' };

/**
 * The architecture that a Hugging Face config.json of a CLIPModel describes.
 * @param json - the parsed config.json
 * @throws MapleError for another model type, an activation or a number of colours that is not supported, or a bad field
 */
export function configFromHuggingFace(json: object): ClipConfig {
  const fields = json as Fields;
  if (fields.model_type !== 'clip') {
    throw new MapleError(
      `\`model_type\` of config.json must be clip; other models are not supported. Received: ${String(fields.model_type)}.`,
    );
  }
  const vision = towerFields(fields, 'vision_config', VISION_DEFAULTS);
  const text = towerFields(fields, 'text_config', TEXT_DEFAULTS);
  if (vision.num_channels !== 3) {
    throw new MapleError(
      `\`vision_config.num_channels\` of config.json must be 3 (red, green, blue). Received: ${String(vision.num_channels)}.`,
    );
  }
  const config: ClipConfig = {
    // The towers have a projection_dim too, which belongs to their use alone and says nothing of this model.
    embedDim: (fields.projection_dim ?? PROJECTION_DEFAULT) as number,
    vision: {
      ...tower(vision, 'vision_config'),
      imageSize: vision.image_size as number,
      patchSize: vision.patch_size as number,
    },
    text: {
      ...tower(text, 'text_config'),
      contextLength: text.max_position_embeddings as number,
      vocabularySize: text.vocab_size as number,
    },
  };
  try {
    validateClipConfig(config);
  } catch (error) {
    throw new MapleError(`config.json: ${(error as Error).message}`, { cause: error });
  }
  return config;
}

/** The id of the end token that config.json states, if it is to be believed: 2 stands there by an old mistake. */
export function endTokenFromHuggingFace(json: object): number | undefined {
  const id = towerFields(json as Fields, 'text_config', {}).eos_token_id;
  return typeof id === 'number' && id !== 2 ? id : undefined;
}

/**
 * A Hugging Face config.json for a CLIPModel of this architecture.
 * @param tokenizer - gives the ids of the start and end token
 */
export function configToHuggingFace(
  config: ClipConfig,
  tokenizer: Pick<ClipTokenizer, 'startToken' | 'endToken'>,
): object {
  const { vision, text, embedDim } = config;
  return {
    architectures: ['CLIPModel'],
    model_type: 'clip',
    projection_dim: embedDim,
    text_config: {
      model_type: 'clip_text_model',
      ...towerToHuggingFace(text),
      projection_dim: embedDim,
      max_position_embeddings: text.contextLength,
      vocab_size: text.vocabularySize,
      bos_token_id: tokenizer.startToken,
      eos_token_id: tokenizer.endToken,
      pad_token_id: tokenizer.endToken,
    },
    vision_config: {
      model_type: 'clip_vision_model',
      ...towerToHuggingFace(vision),
      projection_dim: embedDim,
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      num_channels: 3,
    },
  };
}

/** Defaults, then the tower's object, then the one that releases before 2023 wrote beside it. */
function towerFields(fields: Fields, name: string, defaults: Fields): Fields {
  const result = { ...defaults };
  for (const key of [name, `${name}_dict`]) {
    const value = fields[key] ?? {};
    if (typeof value !== 'object') {
      throw new MapleError(`\`${key}\` of config.json must be an object. Received: ${String(value)}.`);
    }
    Object.assign(result, value);
  }
  return result;
}

function tower(fields: Fields, name: string): TowerConfig {
  const activation = fields.hidden_act as string;
  if (!Object.hasOwn(ACTIVATIONS, activation)) {
    throw new MapleError(
      `\`${name}.hidden_act\` of config.json must be quick_gelu or gelu. Received: ${String(activation)}.`,
    );
  }
  return {
    width: fields.hidden_size as number,
    layers: fields.num_hidden_layers as number,
    heads: fields.num_attention_heads as number,
    mlpWidth: fields.intermediate_size as number,
    activation: ACTIVATIONS[activation],
    epsilon: fields.layer_norm_eps as number,
  };
}

function towerToHuggingFace(config: TowerConfig): Fields {
  return {
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.mlpWidth,
    hidden_act: config.activation === 'quickGelu' ? 'quick_gelu' : 'gelu',
    layer_norm_eps: config.epsilon,
  };
}
