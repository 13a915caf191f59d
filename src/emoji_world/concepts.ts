import { readPackageJson } from './packages.js';

/** The groups of emoji, which stand for data sets; `flags` holds the generic ones, not those of countries. */
export const EMOJI_GROUPS = [
  'smileys',
  'people',
  'animals',
  'food',
  'travel',
  'activities',
  'objects',
  'symbols',
  'flags',
] as const;

/** One of {@link EMOJI_GROUPS}. */
export type EmojiGroup = (typeof EMOJI_GROUPS)[number];

/** What a drawing shows, whoever drew it. */
export interface Concept {
  /** Code points in hexadecimal, joined by hyphens: the key across styles. */
  id: string;
  /** English name in lower case, plain words only; unique. */
  label: string;
  /** English keywords, in the same plain form. */
  tags: string[];
  group: EmojiGroup;
  /** Unicode's name of the subgroup, e.g. `animal-bird`. */
  subgroup: string;
}

interface EmojibaseEntry {
  label: string;
  hexcode: string;
  tags?: string[];
  order?: number;
  group?: number;
  subgroup?: number;
}

interface EmojibaseGroups {
  subgroups: Record<string, string>;
}

/** Emojibase's group numbers; 2 holds skin tones and hair, which are parts of pictures. */
const GROUP_BY_NUMBER: Record<number, EmojiGroup> = {
  0: 'smileys',
  1: 'people',
  3: 'animals',
  4: 'food',
  5: 'travel',
  6: 'activities',
  7: 'objects',
  8: 'symbols',
  9: 'flags',
};

let concepts: readonly Concept[] | undefined;

/**
 * Every concept, in Unicode's order: about 1,650. Skin tones are left out, being the same concept, and so are the 262
 * flags of countries and regions: most styles do not draw them.
 */
export function emojiConcepts(): readonly Concept[] {
  concepts ??= readConcepts();
  return concepts;
}

function readConcepts(): Concept[] {
  const { subgroups } = readPackageJson<EmojibaseGroups>('emojibase-data/meta/groups.json');
  const entries = readPackageJson<EmojibaseEntry[]>('emojibase-data/en/data.json');
  return entries
    .map((entry) => ({ ...entry, subgroupName: subgroups[String(entry.subgroup)] }))
    .filter(
      ({ group, subgroupName }) => group !== undefined && group in GROUP_BY_NUMBER && !/-flag$/.test(subgroupName),
    )
    .sort((a, b) => (a.order as number) - (b.order as number))
    .map((entry) => {
      const label = plainText(entry.label);
      const tags = (entry.tags ?? []).map(plainText).filter((tag) => tag !== '' && tag !== label);
      return {
        id: entry.hexcode,
        label,
        tags: [...new Set(tags)],
        group: GROUP_BY_NUMBER[entry.group as number],
        subgroup: entry.subgroupName,
      };
    });
}

/** Lower case without accents and punctuation: what a small vocabulary of words can hold. */
function plainText(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/[^a-z0-9#*' -]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
