import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { TokenBackbone, WeightSource } from '../backbone/backbone.js';
import { CLIP_IMAGE_STATISTICS, SIGLIP_IMAGE_STATISTICS, validateClipConfig } from '../clip/config.js';
import type { ClipConfig, ImageStatistics, TowerConfig } from '../clip/config.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import type { ByteSource } from './byte_source.js';
import { configFromHuggingFace, endTokenFromHuggingFace } from './huggingface_config.js';
import { configFromOpenClip, isOpenClipConfig } from './clip_config_open_clip.js';
import { configFromOpenAi } from './clip_config_openai.js';
import { detectScheme } from './detect_scheme.js';
import { mapWeights } from './key_map.js';
import type { KeyScheme } from './key_map.js';
import { CUSTOM_TEXT_NAMES, OPENAI_NAMES } from './openai.js';
import { resizePictures } from './position_interpolation.js';
import { openTensors } from './open_tensors.js';
import { statisticsFromOpenClip } from './statistics_open_clip.js';
import type { TensorFile } from './tensor_file.js';

/** What {@link openClipWeights} needs. */
export interface ClipWeightsArgs {
  /** A weight file with OpenAI's, OpenCLIP's or Hugging Face's names: its bytes, or the open file. */
  weights: ByteSource | TensorFile;
  /** The parsed config.json or open_clip_config.json; without it the architecture is read off OpenAI's tensors. */
  configJson?: object;
  /** Only without `configJson`: the architecture, where it is not to be read off the tensors. */
  config?: ClipConfig;
  /** Only without `configJson` and `config`: quickGelu (default; OpenAI's weights) or gelu (LAION's). */
  activation?: TowerConfig['activation'];
  /** Side of the pictures in pixels, where another is wanted than the weights were trained for. */
  imageSize?: number;
}

/** What {@link openClip} needs. */
export interface OpenClipArgs extends ClipWeightsArgs {
  /** For people: a folder or hub name. */
  name: string;
  /** SHA-256 of the weight file, hex; of weights in several files, that of their hashes. */
  identity: string;
  tokenizer: StoredTokenizer;
  /** Default: what open_clip_config.json says, else CLIP's own, or SigLIP's for a tower with its pooling head. */
  imageStatistics?: ImageStatistics;
}

const ARGS: SettingNames<OpenClipArgs> = {
  weights: true,
  configJson: true,
  config: true,
  activation: true,
  imageSize: true,
  name: true,
  identity: true,
  tokenizer: true,
  imageStatistics: true,
};

/** A CLIP or a SigLIP: a backbone whose tokeniser can be saved with it. */
export interface ClipBackbone extends TokenBackbone {
  readonly config: ClipConfig;
  readonly tokenizer: StoredTokenizer;
}

/**
 * A frozen CLIP or SigLIP from its files, in Node and in a browser alike. Reads the header of the weight file only; each
 * weight is read when the model is built.
 * @throws MapleError when the file is damaged, does not fit its configuration, or the tokeniser does not fit both
 */
export async function openClip(args: OpenClipArgs): Promise<ClipBackbone> {
  checkKnown('openClip', args, ARGS);
  const { config, weights } = await openClipWeights(args);
  checkTokenizer(args, config);
  const isOpenClip = args.configJson !== undefined && isOpenClipConfig(args.configJson);
  const stated = isOpenClip ? statisticsFromOpenClip(args.configJson as object) : undefined;
  return {
    name: args.name,
    identity: args.identity,
    config,
    tokenizer: args.tokenizer,
    weights,
    imageStatistics: args.imageStatistics ?? stated ?? usualStatistics(config),
  };
}

/**
 * Architecture and weights alone, without a tokeniser.
 * @throws MapleError when the file is damaged or does not fit its configuration
 */
export async function openClipWeights(args: ClipWeightsArgs): Promise<{ config: ClipConfig; weights: WeightSource }> {
  const file = 'names' in args.weights ? args.weights : await openTensors(args.weights);
  const scheme = detectScheme(file);
  const config = detectConfig(file, scheme, args);
  const weights = mapWeights(file, config, scheme);
  return args.imageSize === undefined ? { config, weights } : resizePictures(config, weights, args.imageSize);
}

/**
 * The architecture that a config.json or an open_clip_config.json describes.
 * @throws MapleError when it is not that of a CLIP that can be built
 */
export function configFromJson(json: object): ClipConfig {
  return isOpenClipConfig(json) ? configFromOpenClip(json) : configFromHuggingFace(json);
}

function detectConfig(file: TensorFile, scheme: KeyScheme, args: ClipWeightsArgs): ClipConfig {
  if (args.configJson !== undefined) {
    return configFromJson(args.configJson);
  }
  if (args.config !== undefined) {
    validateClipConfig(args.config);
    return args.config;
  }
  if (scheme === OPENAI_NAMES || scheme === CUSTOM_TEXT_NAMES) {
    return configFromOpenAi(file, args.activation, scheme === CUSTOM_TEXT_NAMES ? 'text.' : '');
  }
  throw new MapleError(
    `${file.name} has ${scheme.name} names, so it needs the config.json or open_clip_config.json that it came with.`,
  );
}

/** Towers with SigLIP's pooling head were trained on pictures prepared in SigLIP's way. */
function usualStatistics({ vision }: ClipConfig): ImageStatistics {
  return vision.pooling === 'attention' ? SIGLIP_IMAGE_STATISTICS : CLIP_IMAGE_STATISTICS;
}

function checkTokenizer({ weights, configJson, tokenizer }: OpenClipArgs, config: ClipConfig): void {
  const { startToken = true, contextLength } = config.text;
  if ((tokenizer.startToken !== undefined) !== startToken) {
    throw new MapleError(
      `The texts of this text tower must begin with ${startToken ? 'a start token' : 'no start token'}. Received: a ` +
        `tokeniser that puts ${startToken ? 'none' : 'one'} there. Take the tokenizer.json that came with the weights.`,
    );
  }
  if (tokenizer.maxLength !== undefined && tokenizer.maxLength < contextLength) {
    throw new MapleError(
      `The tokeniser must pad texts to ${contextLength} tokens, the text tower's context in ${weights.name}. ` +
        `Received: model_max_length=${tokenizer.maxLength}. Take the tokenizer_config.json that came with the weights.`,
    );
  }
  if (tokenizer.vocabularySize > config.text.vocabularySize) {
    throw new MapleError(
      `The tokeniser must have at most ${config.text.vocabularySize} ids, the token embeddings in ${weights.name}. ` +
        `Received: ${tokenizer.vocabularySize}. Take the tokenizer.json that came with the weights.`,
    );
  }
  const endToken = configJson && !isOpenClipConfig(configJson) && endTokenFromHuggingFace(configJson);
  if (typeof endToken === 'number' && endToken !== tokenizer.endToken) {
    throw new MapleError(
      `The tokeniser's end token must be ${endToken}, as text_config.eos_token_id of config.json says. ` +
        `Received: ${tokenizer.endToken}. Take the tokenizer.json that came with the weights.`,
    );
  }
}
