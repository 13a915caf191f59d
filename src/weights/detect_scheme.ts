import { MapleError } from '../../layers/errors.js';
import { HUGGING_FACE_NAMES } from './huggingface.js';
import { HUGGING_FACE_SIGLIP_NAMES } from './huggingface_siglip.js';
import type { KeyScheme } from './key_map.js';
import { CUSTOM_TEXT_NAMES, OPENAI_NAMES } from './openai.js';
import type { TensorFile } from './tensor_file.js';

/** Tensors that tell of a model this library does not have, and the sentence that says so. */
const REFUSED: readonly [pattern: RegExp, what: string][] = [
  [
    /^visual\.(layer1\.0\.conv1|attnpool\.)/,
    'is a ResNet CLIP (RN50, RN101, ...), which is not supported: MaPLe needs the tokens of a vision transformer. ' +
      'Take a ViT (ViT-B/32, ViT-B/16, ViT-L/14, ...)',
  ],
  [
    /^visual\.trunk\./,
    "has an image tower of timm, which is not supported. Take a model with CLIP's own vision transformer",
  ],
  [
    /^text\.transformer\.(?!resblocks\.)|^text\.proj\./,
    "has a text tower of Hugging Face, which is not supported. Take a model with CLIP's own text transformer",
  ],
  [
    /^(prompt_learner|image_encoder|text_encoder)\./,
    'is a checkpoint of tuned prompts, not a backbone. Load the CLIP it was tuned on, and the prompts with loadOfficialPrompts',
  ],
];

/**
 * Whose names a checkpoint uses.
 * @throws MapleError when it is a model that is not supported, or has neither OpenAI's nor Hugging Face's names
 */
export function detectScheme(file: TensorFile): KeyScheme {
  for (const [pattern, what] of REFUSED) {
    const found = file.names.find((name) => pattern.test(name));
    if (found !== undefined) {
      throw new MapleError(`${file.name} ${what}. Found: ${found}.`);
    }
  }
  const some = (...prefixes: string[]): boolean =>
    file.names.some((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  if (some('vision_model.head.', 'text_model.head.')) {
    return HUGGING_FACE_SIGLIP_NAMES;
  }
  if (some('vision_model.', 'text_model.')) {
    return HUGGING_FACE_NAMES;
  }
  if (some('text.transformer.resblocks.')) {
    return CUSTOM_TEXT_NAMES;
  }
  if (some('visual.', 'transformer.resblocks.')) {
    return OPENAI_NAMES;
  }
  throw new MapleError(
    `${file.name} must hold a CLIP model with OpenAI's names (visual.conv1.weight, ...) or Hugging Face's ` +
      `(vision_model.embeddings.class_embedding, ...). Received: ${file.names.slice(0, 5).join(', ') || 'no tensor'}.`,
  );
}
