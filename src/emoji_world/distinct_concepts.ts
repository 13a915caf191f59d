import { emojiConcepts, type Concept } from './concepts.js';
import { styleIcons } from './icons.js';
import { findStyle } from './styles.js';

/** Words that only tell variants of one thing apart, such as twelve clocks, eight moons or a cook's sex. */
const VARIANTS: readonly string[] = [
  'person man woman men women people boy girl',
  "man's woman's men's women's",
  'face facing pointing tilted front-facing left-facing right-facing oncoming',
  'left right up down leftwards rightwards upwards downwards',
  'up-right down-right down-left up-left up-down left-right',
  'red orange yellow green blue light purple brown black grey white pink',
  'big large medium small medium-small low high',
  'new first last quarter full waxing waning gibbous crescent',
  'open closed locked unlocked done not',
  "o'clock one two three four five six seven eight nine ten eleven twelve",
].flatMap((words) => words.split(' '));
/** Figures, ordinals and half hours. */
const NUMBER = /^[\d#*]+(st|nd|rd|th)?$|-thirty$/;

/** What concepts that nobody could be asked to tell apart have in common: group and label without such words. */
function thingShown({ group, subgroup, label }: Concept): string {
  const words = label.split(' ').filter((word) => !VARIANTS.includes(word) && !NUMBER.test(word));
  return `${group}/${words.length > 0 ? words.join(' ') : subgroup}`;
}

/**
 * The concepts that all of `styles` draw, in Unicode's order, without repeated variants: of those whose labels differ
 * only in sex, colour, direction, size, number, time or phase, or that are the face of the animal, the first is taken.
 * The rule reads labels only, so it knows nothing of how well anything is recognised.
 */
export function distinctConcepts(styles: readonly string[]): Concept[] {
  const drawn = styles.map((id) => styleIcons(findStyle(id)));
  const taken = new Set<string>();
  return emojiConcepts().filter((concept) => {
    const thing = thingShown(concept);
    if (taken.has(thing) || !drawn.every((icons) => icons.has(concept.id))) {
      return false;
    }
    taken.add(thing);
    return true;
  });
}
