import { MapleError } from '../../layers/errors.js';
import { validateClipConfig, type ClipConfig } from '../clip/config.js';
import { HUGGING_FACE_CLIP } from './clip_config_huggingface.js';
import { towerFields, type HuggingFaceModel, type SpecialTokens } from './huggingface_towers.js';
import type { Fields } from './json_fields.js';
import { HUGGING_FACE_SIGLIP } from './siglip_config_huggingface.js';

/** The kinds of models whose folders can be read and written. */
const MODELS: readonly HuggingFaceModel[] = [HUGGING_FACE_CLIP, HUGGING_FACE_SIGLIP];

/** Kinds that look like one of them and are none. */
const REFUSED: Readonly<Record<string, string>> = {
  siglip2:
    'This is SigLIP 2 of variable resolution (NaFlex). Take one of a fixed resolution (google/siglip2-base-patch16-224, ' +
    '...), whose config.json says siglip.',
};

/** Whether a config.json is of a kind of model that can be read. */
export function isHuggingFaceModel(json: object): boolean {
  return MODELS.some(({ modelType }) => modelType === (json as Fields).model_type);
}

/**
 * The architecture that a Hugging Face config.json describes.
 * @param json - the parsed config.json
 * @throws MapleError for another model type, an activation or a number of colours that is not supported, or a bad field
 */
export function configFromHuggingFace(json: object): ClipConfig {
  const fields = json as Fields;
  const type = String(fields.model_type);
  const model = MODELS.find(({ modelType }) => modelType === type);
  if (model === undefined) {
    const known = MODELS.map(({ modelType }) => modelType).join(' or ');
    throw new MapleError(
      `\`model_type\` of config.json must be ${known}; other models are not supported. Received: ${type}. ` +
        (REFUSED[type] ?? 'See docs/extending.md for a backbone of your own.'),
    );
  }
  const config = model.read(fields);
  try {
    validateClipConfig(config);
  } catch (error) {
    throw new MapleError(`config.json: ${(error as Error).message}`, { cause: error });
  }
  return config;
}

/**
 * The id of the end token that config.json states, if it is to be believed: 2 stands there by an old mistake in CLIP's,
 * and CLIP's own ids in SigLIP's.
 */
export function endTokenFromHuggingFace(json: object): number | undefined {
  const fields = json as Fields;
  const id = towerFields(fields, 'text_config', {}).eos_token_id;
  return fields.model_type === 'clip' && typeof id === 'number' && id !== 2 ? id : undefined;
}

/**
 * How Hugging Face stores a model of this architecture.
 * @throws MapleError when none of its models is of this form
 */
export function huggingFaceModel(config: ClipConfig): HuggingFaceModel {
  const model = MODELS.find((kind) => kind.fits(config));
  if (model === undefined) {
    throw new MapleError(
      "A backbone can be written as Hugging Face's CLIPModel or SiglipModel, and this configuration is of neither form " +
        `(vision.pooling=${config.vision.pooling ?? 'classToken'}, text.causal=${config.text.causal ?? true}, ` +
        `logitBias=${config.logitBias ?? false}, ...).`,
    );
  }
  return model;
}

/** A Hugging Face config.json for a model of this architecture. */
export function configToHuggingFace(config: ClipConfig, tokens: SpecialTokens): object {
  return huggingFaceModel(config).write(config, tokens);
}
