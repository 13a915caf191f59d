import { describe, expect, test } from '@jest/globals';
import { EMOJI_GROUPS, emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { distinctConcepts } from '../../../src/emoji_world/distinct_concepts.js';
import { styleIcons } from '../../../src/emoji_world/icons.js';
import { EMOJI_STUDY_SETS, STUDY_SOURCE, studyClasses } from '../../../src/emoji_world/study_classes.js';
import { findStyle } from '../../../src/emoji_world/styles.js';

describe('distinctConcepts', () => {
  const labels = distinctConcepts(['noto']).map(({ label }) => label);

  test.each([
    ['clock faces', /o'clock|-thirty/, ["twelve o'clock"]],
    ['phases of the moon', / moon( face)?$/, ['new moon']],
    ['sexes', /(^|wo)man cook$|^cook$/, ['cook']],
    ['directions', /^(\S+ )?arrow$/, ['up arrow', 'back arrow', 'end arrow', 'on arrow', 'soon arrow', 'top arrow']],
    ['colours', /^\S+ (square|circle|apple)$/, ['red apple', 'red circle', 'red square']],
    ['places', /place medal$/, ['1st place medal']],
    ['faces of animals', /^(dog|tiger)( face)?$/, ['dog face', 'tiger face']],
  ])('keeps one of the %s', (_, like, kept) => {
    expect(labels.filter((label) => like.test(label))).toEqual(kept);
  });

  test('keeps what differs in more than such words', () => {
    expect(labels).toEqual(
      expect.arrayContaining(['bear', 'polar bear', 'camel', 'two-hump camel', 'kissing cat', 'crying cat']),
    );
    const order = distinctConcepts(['noto', 'noto-v1']).map((concept) => emojiConcepts().indexOf(concept));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('prefers a variant that all styles draw to one that some lack', () => {
    expect(styleIcons(findStyle('noto-v1')).has('1F9D1-200D-1F373')).toBe(false);
    const cooks = distinctConcepts(['noto', 'noto-v1']).filter(({ label }) => label.endsWith('cook'));
    expect(cooks.map(({ label }) => label)).toEqual(['man cook']);
  });
});

describe('studyClasses', () => {
  const classes = studyClasses();
  const labelsOf = (name: string): string[] => (classes.get(name) ?? []).map(({ label }) => label);

  test('has the source and ten sets of 40 classes', () => {
    expect([...classes.keys()]).toEqual([STUDY_SOURCE, ...EMOJI_STUDY_SETS.map(({ name }) => name)]);
    expect([...classes.values()].map((concepts) => concepts.length)).toEqual([68, ...new Array<number>(10).fill(40)]);
  });

  test('shares no class between two sets', () => {
    const all = [...classes.values()].flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(468);
    expect(new Set(all.map(({ label }) => label)).size).toBe(468);
  });

  test('spreads the source evenly over the groups', () => {
    const counts = EMOJI_GROUPS.map(
      (group) => classes.get(STUDY_SOURCE)?.filter((concept) => concept.group === group).length,
    );
    expect(counts).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 4]);
  });

  test('takes the classes of a set from its subgroups', () => {
    for (const { name, subgroups } of EMOJI_STUDY_SETS) {
      expect(classes.get(name)?.filter(({ subgroup }) => !subgroups.test(subgroup))).toEqual([]);
    }
  });

  test('orders the half that is base and the half that is new, each by the alphabet', () => {
    const labels = labelsOf('mammals');
    const [base, rest] = [labels.slice(0, 20), labels.slice(20)];
    expect(base).toEqual([...base].sort());
    expect(rest).toEqual([...rest].sort());
    expect(base[0] < rest[19] && rest[0] < base[19]).toBe(true);
  });

  test('is the choice that published figures stand on', () => {
    expect(labelsOf('mammals').slice(0, 5)).toEqual(['badger', 'bear', 'chipmunk', 'ewe', 'fox']);
    expect(labelsOf('all').slice(0, 5)).toEqual([
      'angry face',
      'black flag',
      'bomb',
      'cat with tears of joy',
      'chequered flag',
    ]);
    expect(labelsOf('tools').slice(-3)).toEqual(['sponge', 'syringe', 'wrench']);
  });

  test('chooses only what the styles of the study draw', () => {
    const icons = ['noto', 'fluent-emoji-flat'].map((style) => styleIcons(findStyle(style)));
    for (const { id } of [...classes.values()].flat()) {
      expect(icons.every((set) => set.has(id))).toBe(true);
    }
    const looks = ['noto-v1', 'fluent-emoji-high-contrast'].map((style) => styleIcons(findStyle(style)));
    for (const { id } of classes.get(STUDY_SOURCE) ?? []) {
      expect(looks.every((set) => set.has(id))).toBe(true);
    }
  });
});
