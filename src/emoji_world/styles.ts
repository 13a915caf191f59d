import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';

/** What the drawings of a style are used for: see {@link EMOJI_STYLES}. */
export type StyleRole = 'pretraining' | 'validation' | 'held-out';

/** One design team's drawings, as an `@iconify-json` package holds them. */
export interface EmojiStyle {
  /** The icon set's name; the npm package is `@iconify-json/{id}`. */
  id: string;
  /** What a report calls it. */
  title: string;
  /** Styles of one family show the same designs, redrawn: they never stand on both sides of the split. */
  family: string;
  role: StyleRole;
  look: 'colour' | 'monochrome';
  author: string;
  /** SPDX identifier of the drawings' licence. */
  licence: string;
  /** Where the drawings come from. */
  source: string;
  /** How icons are named: after the concept's label with hyphens, or run together after any of its names. */
  naming: 'label' | 'run-together';
}

/**
 * The styles of Emoji World and the split between them.
 *
 * The split goes by design family, since a redrawing in other paint is not unseen: emojione-monotone has emojione's
 * outlines, the fluent sets share theirs. So the whole noto family (tuned on, and its older version) and the whole
 * fluent family are kept out of pretraining, and pretraining takes all of the others: five in colour, one monochrome.
 * Of fluent, the flat one is for choosing settings and is not reported; its monochrome, high-contrast sister is
 * reported but never tuned on. The shaded one is the same designs again and serves validation too.
 */
export const EMOJI_STYLES: readonly EmojiStyle[] = [
  {
    id: 'twemoji',
    title: 'Twemoji',
    family: 'twemoji',
    role: 'pretraining',
    look: 'colour',
    author: 'Twitter and contributors',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/jdecked/twemoji',
    naming: 'label',
  },
  {
    id: 'openmoji',
    title: 'OpenMoji',
    family: 'openmoji',
    role: 'pretraining',
    look: 'colour',
    author: 'OpenMoji',
    licence: 'CC-BY-SA-4.0',
    source: 'https://github.com/hfg-gmuend/openmoji',
    naming: 'label',
  },
  {
    id: 'emojione',
    title: 'Emoji One 2',
    family: 'emojione',
    role: 'pretraining',
    look: 'colour',
    author: 'Emoji One',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/EmojiTwo/emojitwo',
    naming: 'label',
  },
  {
    id: 'emojione-v1',
    title: 'Emoji One 1',
    family: 'emojione',
    role: 'pretraining',
    look: 'colour',
    author: 'Emoji One',
    licence: 'CC-BY-SA-4.0',
    source: 'https://github.com/joypixels/emojione-legacy',
    naming: 'label',
  },
  {
    id: 'emojione-monotone',
    title: 'Emoji One, monotone',
    family: 'emojione',
    role: 'pretraining',
    look: 'monochrome',
    author: 'Emoji One',
    licence: 'CC-BY-4.0',
    source: 'https://github.com/EmojiTwo/emojitwo',
    naming: 'label',
  },
  {
    id: 'fxemoji',
    title: 'Firefox OS Emoji',
    family: 'fxemoji',
    role: 'pretraining',
    look: 'colour',
    author: 'Mozilla',
    licence: 'Apache-2.0',
    source: 'https://github.com/mozilla/fxemoji',
    naming: 'run-together',
  },
  {
    id: 'fluent-emoji-flat',
    title: 'Fluent Emoji, flat',
    family: 'fluent',
    role: 'validation',
    look: 'colour',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    source: 'https://github.com/microsoft/fluentui-emoji',
    naming: 'label',
  },
  {
    id: 'fluent-emoji',
    title: 'Fluent Emoji, shaded',
    family: 'fluent',
    role: 'validation',
    look: 'colour',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    source: 'https://github.com/microsoft/fluentui-emoji',
    naming: 'label',
  },
  {
    id: 'noto',
    title: 'Noto Emoji',
    family: 'noto',
    role: 'held-out',
    look: 'colour',
    author: 'Google',
    licence: 'Apache-2.0',
    source: 'https://github.com/googlefonts/noto-emoji',
    naming: 'label',
  },
  {
    id: 'noto-v1',
    title: 'Noto Emoji, older version',
    family: 'noto',
    role: 'held-out',
    look: 'colour',
    author: 'Google',
    licence: 'Apache-2.0',
    source: 'https://github.com/googlefonts/noto-emoji',
    naming: 'label',
  },
  {
    id: 'fluent-emoji-high-contrast',
    title: 'Fluent Emoji, high contrast',
    family: 'fluent',
    role: 'held-out',
    look: 'monochrome',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    source: 'https://github.com/microsoft/fluentui-emoji',
    naming: 'label',
  },
];

/**
 * The style called `id`.
 * @throws MapleError naming the styles there are
 */
export function findStyle(id: string): EmojiStyle {
  const style = EMOJI_STYLES.find((candidate) => candidate.id === id);
  if (style === undefined) {
    const known = EMOJI_STYLES.map((candidate) => candidate.id).join(', ');
    throw new MapleError(`\`style\` must be one of ${known}. Received: ${shown(id)}.`);
  }
  return style;
}

/** The styles used in `role`. */
export function stylesInRole(role: StyleRole): EmojiStyle[] {
  return EMOJI_STYLES.filter((style) => style.role === role);
}

/**
 * The styles to pretrain on: those wanted, or all there are.
 * @throws MapleError for a style that is to stay unseen
 */
export function pretrainingStyles(
  wanted: readonly string[] = stylesInRole('pretraining').map(({ id }) => id),
): readonly string[] {
  const reserved = wanted.find((id) => findStyle(id).role !== 'pretraining');
  if (reserved !== undefined) {
    throw new MapleError(
      `\`styles\` must be pretraining styles. Received: ${shown(reserved)}, which is to stay unseen.`,
    );
  }
  return wanted;
}
