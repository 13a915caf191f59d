import { MapleError } from '../../layers/errors.js';
import { HUGGING_FACE_NAMES } from './huggingface.js';
import { HUGGING_FACE_SIGLIP_NAMES } from './huggingface_siglip.js';
import type { KeyScheme } from './key_map.js';
import { OPEN_CLIP_SIGLIP_NAMES } from './open_clip_siglip.js';
import { CUSTOM_TEXT_NAMES, OPENAI_NAMES } from './openai.js';
import type { TensorFile } from './tensor_file.js';

/**
 * Tensors that tell whose names a checkpoint uses, or, as a sentence, of what model this library does not have it is. The
 * first that is found decides.
 */
const TELLING: readonly [pattern: RegExp, what: KeyScheme | string][] = [
  [
    /^visual\.(layer1\.0\.conv1|attnpool\.)/,
    'is a ResNet CLIP (RN50, RN101, ...), which is not supported: MaPLe needs the tokens of a vision transformer. ' +
      'Take a ViT (ViT-B/32, ViT-B/16, ViT-L/14, ...)',
  ],
  [
    /^text\.transformer\.(?!resblocks\.)|^text\.proj\./,
    "has a text tower of Hugging Face, which is not supported. Take a model with CLIP's own text transformer",
  ],
  [/^visual\.trunk\.attn_pool\.latent$/, OPEN_CLIP_SIGLIP_NAMES],
  [
    /^visual\.trunk\./,
    "has an image tower of timm, which is not supported. Take a model with CLIP's own vision transformer",
  ],
  [
    /^(prompt_learner|image_encoder|text_encoder)\./,
    'is a checkpoint of tuned prompts, not a backbone. Load the CLIP it was tuned on, and the prompts with loadOfficialPrompts',
  ],
  [/^(vision|text)_model\.head\./, HUGGING_FACE_SIGLIP_NAMES],
  [/^(vision|text)_model\./, HUGGING_FACE_NAMES],
  [/^text\.transformer\.resblocks\./, CUSTOM_TEXT_NAMES],
  [/^(visual|transformer\.resblocks)\./, OPENAI_NAMES],
];

/**
 * Whose names a checkpoint uses.
 * @throws MapleError when it is a model that is not supported, or has neither OpenAI's nor Hugging Face's names
 */
export function detectScheme(file: TensorFile): KeyScheme {
  for (const [pattern, what] of TELLING) {
    const found = file.names.find((name) => pattern.test(name));
    if (found !== undefined && typeof what === 'string') {
      throw new MapleError(`${file.name} ${what}. Found: ${found}.`);
    }
    if (found !== undefined) {
      return what as KeyScheme;
    }
  }
  throw new MapleError(
    `${file.name} must hold a CLIP model with OpenAI's names (visual.conv1.weight, ...) or Hugging Face's ` +
      `(vision_model.embeddings.class_embedding, ...). Received: ${file.names.slice(0, 5).join(', ') || 'no tensor'}.`,
  );
}
