import { MapleError } from '../../layers/errors.js';
import type { Backbone, WeightSource } from '../clip/backbone.js';
import { CLIP_IMAGE_STATISTICS } from '../clip/config.js';
import type { ClipConfig, ImageStatistics, TowerConfig } from '../clip/config.js';
import type { ClipTokenizer } from '../clip/tokenizer.js';
import type { ByteSource } from './byte_source.js';
import { configFromHuggingFace, endTokenFromHuggingFace } from './clip_config_huggingface.js';
import { configFromOpenAi } from './clip_config_openai.js';
import { HUGGING_FACE_NAMES } from './huggingface.js';
import { mapWeights } from './key_map.js';
import type { KeyScheme } from './key_map.js';
import { OPENAI_NAMES } from './openai.js';
import { openSafetensors } from './safetensors.js';
import type { TensorFile } from './tensor_file.js';

/** What {@link openClipWeights} needs. */
export interface ClipWeightsArgs {
  /** A safetensors file with OpenAI's or Hugging Face's names. */
  weights: ByteSource;
  /** The parsed config.json; without it the architecture is read off OpenAI's tensors. */
  configJson?: object;
  /** Only without `configJson`: quickGelu (default; OpenAI's weights) or gelu (LAION's). */
  activation?: TowerConfig['activation'];
}

/** What {@link openClip} needs. */
export interface OpenClipArgs extends ClipWeightsArgs {
  /** For people: a folder or hub name. */
  name: string;
  /** SHA-256 of the weight file, hex. */
  identity: string;
  tokenizer: ClipTokenizer;
  /** CLIP's own by default. */
  imageStatistics?: ImageStatistics;
}

/** A CLIP: a backbone whose tokeniser can be saved with it. */
export interface ClipBackbone extends Backbone {
  readonly tokenizer: ClipTokenizer;
}

/**
 * A frozen CLIP from its files, in Node and in a browser alike. Reads the header of the weight file only; each weight
 * is read when the model is built.
 * @throws MapleError when the file is damaged, does not fit its configuration, or the tokeniser does not fit both
 */
export async function openClip(args: OpenClipArgs): Promise<ClipBackbone> {
  const { config, weights } = await openClipWeights(args);
  checkTokenizer(args, config);
  return {
    name: args.name,
    identity: args.identity,
    config,
    tokenizer: args.tokenizer,
    weights,
    imageStatistics: args.imageStatistics ?? CLIP_IMAGE_STATISTICS,
  };
}

/**
 * Architecture and weights alone, without a tokeniser.
 * @throws MapleError when the file is damaged or does not fit its configuration
 */
export async function openClipWeights(args: ClipWeightsArgs): Promise<{ config: ClipConfig; weights: WeightSource }> {
  const file = await openSafetensors(args.weights);
  const scheme = detectScheme(file);
  const config = detectConfig(file, scheme, args);
  return { config, weights: mapWeights(file, config, scheme) };
}

/**
 * Whose names a checkpoint uses.
 * @throws MapleError when neither OpenAI's nor Hugging Face's are among them
 */
export function detectScheme(file: TensorFile): KeyScheme {
  if (file.names.some((name) => name.startsWith('vision_model.') || name.startsWith('text_model.'))) {
    return HUGGING_FACE_NAMES;
  }
  if (file.names.some((name) => name.startsWith('visual.') || name.startsWith('transformer.resblocks.'))) {
    return OPENAI_NAMES;
  }
  throw new MapleError(
    `${file.name} must hold a CLIP model with OpenAI's names (visual.conv1.weight, ...) or Hugging Face's ` +
      `(vision_model.embeddings.class_embedding, ...). Received: ${file.names.slice(0, 5).join(', ') || 'no tensor'}.`,
  );
}

function detectConfig(file: TensorFile, scheme: KeyScheme, args: ClipWeightsArgs): ClipConfig {
  if (args.configJson !== undefined) {
    return configFromHuggingFace(args.configJson);
  }
  if (scheme === OPENAI_NAMES) {
    return configFromOpenAi(file, args.activation ?? 'quickGelu');
  }
  throw new MapleError(`${file.name} has Hugging Face's names, so it needs the config.json that it came with.`);
}

function checkTokenizer({ weights, configJson, tokenizer }: OpenClipArgs, config: ClipConfig): void {
  if (tokenizer.vocabularySize > config.text.vocabularySize) {
    throw new MapleError(
      `The tokeniser must have at most ${config.text.vocabularySize} ids, the token embeddings in ${weights.name}. ` +
        `Received: ${tokenizer.vocabularySize}. Take the tokenizer.json that came with the weights.`,
    );
  }
  const endToken = configJson && endTokenFromHuggingFace(configJson);
  if (endToken !== undefined && endToken !== tokenizer.endToken) {
    throw new MapleError(
      `The tokeniser's end token must be ${endToken}, as text_config.eos_token_id of config.json says. ` +
        `Received: ${tokenizer.endToken}. Take the tokenizer.json that came with the weights.`,
    );
  }
}
