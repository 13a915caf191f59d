import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { ImageDataset } from '../data/dataset.js';
import { Random } from '../random.js';
import { EMOJI_GROUPS, emojiConcepts, type Concept, type EmojiGroup } from './concepts.js';
import { loadDrawings, type LoadDrawingsOptions } from './drawings.js';
import { styleIcons } from './icons.js';
import { FIXED_SEED, SCENE_CHOICE, sceneDataset, type SceneChoice } from './scene_dataset.js';
import { EMOJI_STYLES, findStyle } from './styles.js';

/** Which data set {@link emojiDataset} makes. */
export interface EmojiDatasetOptions extends SceneChoice {
  /** Whose drawings: an entry of EMOJI_STYLES. */
  style: string;
  /** Which concepts are the classes. */
  group: EmojiGroup | 'all';
  /** Only so many of them, always the same choice; default: all. */
  classes?: number;
  /** Only concepts that these styles draw too, so that data sets of several styles have the same classes. */
  alsoIn?: readonly string[];
  /** Where rendered drawings are kept; null: nowhere. Default: MAPLE_CACHE, or the user's cache folder. */
  cacheFolder?: LoadDrawingsOptions['cacheFolder'];
  /** Called as drawings get ready, with how many of how many are. */
  onProgress?: LoadDrawingsOptions['onProgress'];
}

const OPTIONS: SettingNames<EmojiDatasetOptions> = {
  ...SCENE_CHOICE,
  style: true,
  group: true,
  classes: true,
  alsoIn: true,
  cacheFolder: true,
  onProgress: true,
};

/**
 * A group of emoji in one style as a data set: each class a concept, each example a scene with its drawing. Scenes of
 * the three splits come from separate random streams, and a scene depends on nothing but its style, concept, split and
 * index, and in training on the seed. Class names are in Unicode's order.
 * @throws MapleError for an unknown style or group, or more classes than there are
 */
export async function emojiDataset(options: EmojiDatasetOptions): Promise<ImageDataset> {
  checkKnown('emojiDataset', options, OPTIONS);
  const { style, group, cacheFolder, onProgress } = options;
  const concepts = chooseConcepts(options);
  const drawings = await loadDrawings(style, { group, cacheFolder, onProgress });
  return sceneDataset({ ...options, name: `${style} ${group}`, concepts, drawings });
}

/**
 * The concepts that are the classes of a data set, in Unicode's order.
 * @throws MapleError for an unknown style or group, or more classes than there are
 */
export function chooseConcepts(
  options: Pick<EmojiDatasetOptions, 'style' | 'group' | 'classes' | 'alsoIn'>,
): Concept[] {
  const { style, group, classes, alsoIn = [] } = options;
  if (group !== 'all' && !EMOJI_GROUPS.includes(group)) {
    throw new MapleError(`\`group\` must be all or one of ${EMOJI_GROUPS.join(', ')}. Received: ${shown(group)}.`);
  }
  const drawn = [style, ...alsoIn].map((id) => styleIcons(findStyle(id)));
  const available = emojiConcepts().filter(
    (concept) => (group === 'all' || concept.group === group) && drawn.every((icons) => icons.has(concept.id)),
  );
  if (classes === undefined) {
    return available;
  }
  if (!Number.isInteger(classes) || classes < 1 || classes > available.length) {
    throw new MapleError(
      `\`classes\` must be an integer from 1 to ${available.length}, as many as ${[style, ...alsoIn].join(' and ')} ` +
        `draw of ${group}. Received: ${shown(classes)}.`,
    );
  }
  const chosen = new Set(new Random(FIXED_SEED).fork('classes', group).shuffle(available).slice(0, classes));
  return available.filter((concept) => chosen.has(concept));
}

/** A group and the number of its concepts that each style draws, by the style's id. */
export interface EmojiGroupSize {
  group: EmojiGroup;
  classes: Record<string, number>;
}

/** The groups there are, as data sets. */
export function emojiGroups(): EmojiGroupSize[] {
  const drawn = EMOJI_STYLES.map((style) => [style.id, styleIcons(style)] as const);
  return EMOJI_GROUPS.map((group) => {
    const concepts = emojiConcepts().filter((concept) => concept.group === group);
    const counts = drawn.map(([id, icons]) => [id, concepts.filter((concept) => icons.has(concept.id)).length]);
    return { group, classes: Object.fromEntries(counts) as Record<string, number> };
  });
}
