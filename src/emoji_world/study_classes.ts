import { Random } from '../random.js';
import { EMOJI_GROUPS, type Concept } from './concepts.js';
import { distinctConcepts } from './distinct_concepts.js';
import { styleIcons } from './icons.js';
import { FIXED_SEED } from './scene_dataset.js';
import { findStyle } from './styles.js';

/** A data set of the study. */
export interface EmojiStudySet {
  /** What records call it. */
  name: string;
  /** What a table calls it. */
  title: string;
  /** Which subgroups its classes are drawn from. */
  subgroups: RegExp;
}

/** The source, in ImageNet's place: a few classes of every group. */
export const STUDY_SOURCE = 'all';

/** The ten other data sets, each a kind of thing, in the order of the tables. */
export const EMOJI_STUDY_SETS: readonly EmojiStudySet[] = [
  { name: 'faces', title: 'Faces', subgroups: /^(face-|cat-face|monkey-face)/ },
  { name: 'people', title: 'People', subgroups: /^person-(role|fantasy|activity|sport)/ },
  { name: 'mammals', title: 'Mammals', subgroups: /^animal-mammal/ },
  {
    name: 'creatures',
    title: 'Birds, fish, reptiles and insects',
    subgroups: /^animal-(bird|amphibian|reptile|marine|bug)/,
  },
  { name: 'plants', title: 'Plants, fruit and vegetables', subgroups: /^(plant-|food-fruit|food-vegetable)/ },
  { name: 'food', title: 'Dishes and drinks', subgroups: /^(food-prepared|food-asian|food-sweet|drink)/ },
  { name: 'places', title: 'Places and buildings', subgroups: /^place-/ },
  { name: 'vehicles', title: 'Vehicles and traffic', subgroups: /^transport-(ground|water|air)/ },
  { name: 'leisure', title: 'Sports, games and feasts', subgroups: /^(event|award-medal|sport|game|arts-crafts)$/ },
  { name: 'tools', title: 'Tools and household', subgroups: /^(tool|science|medical|household|lock)$/ },
];

/** Most classes of one of the ten sets: half of them are base. */
const MOST_CLASSES = 40;
/** Classes that the source has of each group, or all that a smaller group has. */
const SOURCE_CLASSES = 8;
/** Every class of the study is drawn by the style reported and by the one that settings are chosen on. */
const STYLES_OF_ALL = ['noto', 'fluent-emoji-flat'];
/** Every class of the source is drawn in the other looks too. */
const STYLES_OF_SOURCE = ['noto-v1', 'fluent-emoji-high-contrast'];

let chosen: ReadonlyMap<string, readonly Concept[]> | undefined;

/**
 * The classes of each data set of the study, by its name, {@link STUDY_SOURCE} first: the same for every style, method,
 * seed and run. The rule:
 *
 * 1. {@link distinctConcepts} that are drawn both by noto and by fluent-emoji-flat.
 * 2. The source takes 8 of each group (all of a group with fewer), by a fixed draw, among those that noto-v1 and
 *    fluent-emoji-high-contrast draw too.
 * 3. Each other set takes, from what is left, up to 40 of its subgroups, by a fixed draw: no class is in two sets.
 * 4. The first half drawn comes first, in alphabetical order, then the second: base and new classes are of one kind. By
 *    the alphabet alone, cooks would be base and persons juggling new; in Unicode's order, flowers and vegetables.
 */
export function studyClasses(): ReadonlyMap<string, readonly Concept[]> {
  chosen ??= chooseClasses();
  return chosen;
}

function chooseClasses(): ReadonlyMap<string, readonly Concept[]> {
  const concepts = distinctConcepts(STYLES_OF_ALL);
  const looks = STYLES_OF_SOURCE.map((id) => styleIcons(findStyle(id)));
  const source = EMOJI_GROUPS.flatMap((group) => {
    const inGroup = concepts.filter((concept) => concept.group === group);
    const inAllLooks = inGroup.filter(({ id }) => looks.every((icons) => icons.has(id)));
    return draw(inAllLooks, `${STUDY_SOURCE}/${group}`).slice(0, SOURCE_CLASSES);
  });
  const left = concepts.filter((concept) => !source.includes(concept));
  const others = EMOJI_STUDY_SETS.map(({ name, subgroups }): [string, Concept[]] => {
    const ofSet = left.filter(({ subgroup }) => subgroups.test(subgroup));
    return [name, inHalves(draw(ofSet, name).slice(0, MOST_CLASSES))];
  });
  return new Map([[STUDY_SOURCE, inHalves(draw(source, STUDY_SOURCE))], ...others]);
}

/** In an order that is random and always the same. */
function draw(concepts: readonly Concept[], stream: string): Concept[] {
  return new Random(FIXED_SEED).fork('study', stream).shuffle(concepts);
}

function inHalves(drawn: readonly Concept[]): Concept[] {
  const middle = Math.ceil(drawn.length / 2);
  return [...alphabetical(drawn.slice(0, middle)), ...alphabetical(drawn.slice(middle))];
}

/** By code point: the same in every language setting. */
function alphabetical(concepts: readonly Concept[]): Concept[] {
  return [...concepts].sort((one, other) => (one.label < other.label ? -1 : 1));
}
