import type { Random } from '../random.js';
import type { Concept } from './concepts.js';

/** The caption that tuned models start from, and so the commonest in pretraining. */
const MAIN_TEMPLATE = 'a photo of a {label}.';
/** Share of captions made from the main template. */
const MAIN_SHARE = 0.4;

/** The other captions; `{tag}` is a keyword of the concept, another one at each place. */
const TEMPLATES = [
  '{label}',
  'a picture of a {label}.',
  'a drawing of a {label}.',
  'an emoji of a {label}.',
  'a small photo of the {label}.',
  'this is a {label}.',
  'there is a {label} in the picture.',
  'a photo of a {label}, {tag}.',
  'a {label}, {tag} and {tag}.',
  'an emoji of a {label}, {tag} and {tag}.',
  'a picture of {tag}, a {label}.',
] as const;

/**
 * A caption of a picture of the concept, as the web might have it: from a random template, its label and its tags.
 * Templates that need more tags than the concept has are not used.
 */
export function randomCaption(concept: Concept, random: Random): string {
  if (random.chance(MAIN_SHARE)) {
    return MAIN_TEMPLATE.replace('{label}', concept.label);
  }
  const usable = TEMPLATES.filter((template) => template.split('{tag}').length - 1 <= concept.tags.length);
  const tags = random.shuffle(concept.tags);
  return random
    .choice(usable)
    .replace('{label}', concept.label)
    .replace(/\{tag\}/g, () => tags.pop() as string);
}

/** The captions that need no keyword, as texts for class names. */
export const CAPTION_TEMPLATES: readonly string[] = [MAIN_TEMPLATE, ...TEMPLATES]
  .filter((template) => !template.includes('{tag}'))
  .map((template) => template.replace('{label}', '{}'));

/** Every piece of text that captions of these concepts are made of, each once: what a vocabulary is built from. */
export function captionVocabulary(concepts: readonly Concept[]): string[] {
  const templates = [MAIN_TEMPLATE, ...TEMPLATES].map((template) => template.replace(/\{(label|tag)\}/g, ''));
  const pieces = [...templates, ...concepts.flatMap(({ label, tags }) => [label, ...tags])];
  return [...new Set(pieces.map((piece) => piece.trim()))].filter((piece) => piece !== '');
}
