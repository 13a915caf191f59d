import { emojiConcepts, type Concept } from './concepts.js';
import { readPackageJson } from './packages.js';
import type { EmojiStyle } from './styles.js';

/** A drawing as SVG, with the box its coordinates live in. */
export interface Icon {
  /** SVG elements without the root. */
  body: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

type IconSetEntry = Partial<Icon> & { parent?: string; rotate?: number; hFlip?: boolean; vFlip?: boolean };

interface IconSet extends Partial<Icon> {
  icons: Record<string, IconSetEntry & { body: string }>;
  aliases?: Record<string, IconSetEntry & { parent: string }>;
}

/**
 * The icon of each concept that a style draws, by concept id, in the order of the concepts. A drawing that stands for
 * several concepts (an alias, or the same SVG again) is given to one of them only, first to the one that it is named
 * after: otherwise no one could tell its label from the picture.
 */
export function styleIcons(style: EmojiStyle): Map<string, Icon> {
  const set = readPackageJson<IconSet>(`@iconify-json/${style.id}/icons.json`);
  const names = style.naming === 'label' ? labelNames : runTogetherNames();
  const taken = new Set<string>();
  const found = new Map<string, Icon>();
  for (const table of [set.icons, set.aliases ?? {}]) {
    for (const concept of emojiConcepts()) {
      const name = names(concept).find((candidate) => Object.hasOwn(table, candidate));
      const icon = name === undefined || found.has(concept.id) ? undefined : resolveIcon(set, name);
      if (icon !== undefined && !taken.has(icon.body)) {
        taken.add(icon.body);
        found.set(concept.id, icon);
      }
    }
  }
  const ordered = emojiConcepts().filter(({ id }) => found.has(id));
  return new Map(ordered.map(({ id }) => [id, found.get(id) as Icon]));
}

/** Follows aliases to the icon; undefined for the turned and mirrored ones, which show another concept's drawing. */
function resolveIcon(set: IconSet, name: string): Icon | undefined {
  const alias = set.aliases?.[name];
  if (alias !== undefined) {
    return alias.rotate || alias.hFlip || alias.vFlip ? undefined : resolveIcon(set, alias.parent);
  }
  const icon = set.icons[name];
  return {
    body: icon.body,
    left: icon.left ?? set.left ?? 0,
    top: icon.top ?? set.top ?? 0,
    width: icon.width ?? set.width ?? 16,
    height: icon.height ?? set.height ?? 16,
  };
}

function labelNames(concept: Concept): string[] {
  const words = concept.label.replace(/#/g, 'hash').replace(/\*/g, 'asterisk').replace(/'/g, '');
  return [words.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')];
}

/**
 * Names for a set without a convention: the label, Unicode's name, or a short code of some chat program, run
 * together. Whole animals come before their faces: `catside` is the cat, `cat` the cat's face.
 */
function runTogetherNames(): (concept: Concept) => string[] {
  const unicodeNames = readPackageJson<Record<string, string>>('emojibase-data/meta/unicode-names.json');
  const shortCodes = ['github', 'iamcal', 'joypixels', 'emojibase'].map((origin) =>
    readPackageJson<Record<string, string | string[]>>(`emojibase-data/en/shortcodes/${origin}.json`),
  );
  return ({ id, label }) => {
    const unicodeName = unicodeNames[id] ?? unicodeNames[id.replace(/-FE0F/g, '')] ?? '';
    const names = [label, unicodeName, ...shortCodes.flatMap((codes) => codes[id] ?? [])]
      .map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
      .filter((name) => name !== '');
    return [`${names[0]}side`, ...names, ...names.map((name) => name.replace(/(face|symbol)$/, ''))];
  };
}
