import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import type { Fields } from './json_fields.js';
import type { KeyScheme } from './key_map.js';

/** Ids that config.json states of a tokeniser. */
export interface SpecialTokens {
  /** Where texts have a start token. */
  startToken?: number;
  endToken: number;
  /** Stands behind the end token. */
  padding?: number;
}

/** A kind of two-tower model as Hugging Face stores it. */
export interface HuggingFaceModel {
  /** What config.json calls it. */
  readonly modelType: string;
  /** What the weight file calls its tensors. */
  readonly names: KeyScheme;
  /** Whether a model of this architecture is of this kind. */
  fits(config: ClipConfig): boolean;
  /** The architecture that config.json describes, not yet validated. */
  read(json: Fields): ClipConfig;
  /** config.json of an architecture. */
  write(config: ClipConfig, tokens: SpecialTokens): Fields;
}

const ACTIVATIONS: Record<string, TowerConfig['activation']> = {
  quick_gelu: 'quickGelu',
  gelu: 'gelu',
  gelu_pytorch_tanh: 'geluTanh',
};

/** A tower's object: defaults, then what the file says, then the object that releases before 2023 wrote beside it. */
export function towerFields(fields: Fields, name: string, defaults: Fields): Fields {
  const result = { ...defaults };
  for (const key of [name, `${name}_dict`]) {
    const value = fields[key] ?? {};
    if (typeof value !== 'object') {
      throw new MapleError(`\`${key}\` of config.json must be an object. Received: ${shown(value)}.`);
    }
    Object.assign(result, value);
  }
  return result;
}

/** A vision tower's object, whose pictures must have three colours. */
export function visionFields(fields: Fields, defaults: Fields): Fields {
  const vision = towerFields(fields, 'vision_config', { num_channels: 3, ...defaults });
  if (vision.num_channels !== 3) {
    throw new MapleError(
      `\`vision_config.num_channels\` of config.json must be 3 (red, green, blue). Received: ${shown(vision.num_channels)}.`,
    );
  }
  return vision;
}

/** What all towers are described by. */
export function towerFromFields(fields: Fields, name: string): TowerConfig {
  const activation = fields.hidden_act as string;
  if (!Object.hasOwn(ACTIVATIONS, activation)) {
    throw new MapleError(
      `\`${name}.hidden_act\` of config.json must be ${Object.keys(ACTIVATIONS)
        .join(', ')
        .replace(/, (?=\w+$)/, ' or ')}. ` + `Received: ${shown(activation)}.`,
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

/** The inverse of {@link towerFromFields}. */
export function towerToFields(config: TowerConfig): Fields {
  return {
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.mlpWidth,
    hidden_act: Object.keys(ACTIVATIONS).find((name) => ACTIVATIONS[name] === config.activation),
    layer_norm_eps: config.epsilon,
  };
}
