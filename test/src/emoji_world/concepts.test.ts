import { describe, expect, test } from '@jest/globals';
import { EMOJI_GROUPS, emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { styleIcons } from '../../../src/emoji_world/icons.js';
import { readPackageJson } from '../../../src/emoji_world/packages.js';
import { EMOJI_STYLES, findStyle, stylesInRole } from '../../../src/emoji_world/styles.js';

const concepts = emojiConcepts();
const labelled = (label: string): string => concepts.find((concept) => concept.label === label)?.id ?? '';

describe('styles', () => {
  test('no design family stands on both sides of the split', () => {
    const seen = new Set(stylesInRole('pretraining').map(({ family }) => family));
    const unseen = EMOJI_STYLES.filter(({ role }) => role !== 'pretraining');
    expect(unseen.filter(({ family }) => seen.has(family))).toEqual([]);
    expect(stylesInRole('pretraining').map(({ look }) => look)).toContain('monochrome');
    expect(stylesInRole('held-out').map(({ id }) => id)).toEqual(['noto', 'noto-v1', 'fluent-emoji-high-contrast']);
  });

  test.each(EMOJI_STYLES)('$id has the licence that its package states', ({ id, licence }) => {
    const info = readPackageJson<{ license: { spdx: string } }>(`@iconify-json/${id}/info.json`);
    expect(info.license.spdx).toBe(licence);
  });

  test('an unknown style or a missing package is named', () => {
    expect(() => findStyle('clowntown')).toThrow(/must be one of twemoji, .*Received: "clowntown"\./);
    expect(() => readPackageJson('@iconify-json/clowntown/icons.json')).toThrow('npm install @iconify-json/clowntown');
  });

  test('a missing package is named with all others that are, for a project that has none of them', () => {
    const resolve = (id: string): string => {
      if (id.startsWith('emojibase-data/')) return id;
      throw new Error('not found');
    };
    expect(() => readPackageJson('@iconify-json/noto/icons.json', resolve)).toThrow(
      /Install it: npm install @iconify-json\/noto\nOr with all .*: npm install @iconify-json\/noto @iconify-json\/twemoji .*contrast$/,
    );
    expect(() => readPackageJson('@iconify-json/noto/icons.json', resolve)).not.toThrow('emojibase');
  });
});

describe('concepts', () => {
  test('have unique ids and unique plain labels, in nine groups', () => {
    expect(concepts.length).toBeGreaterThan(1600);
    expect(concepts.length).toBeLessThan(1700);
    expect(new Set(concepts.map(({ id }) => id)).size).toBe(concepts.length);
    expect(new Set(concepts.map(({ label }) => label)).size).toBe(concepts.length);
    expect([...new Set(concepts.map(({ group }) => group))]).toEqual([...EMOJI_GROUPS]);
    const words = concepts.flatMap(({ label, tags }) => [label, ...tags]);
    expect(words.filter((text) => !/^[a-z0-9#*'-]+( [a-z0-9#*'-]+)*$/.test(text))).toEqual([]);
  });

  test('leave out skin tones and countries', () => {
    expect(concepts.filter(({ label }) => label.includes('skin tone'))).toEqual([]);
    expect(concepts.filter(({ subgroup }) => /country|subdivision/.test(subgroup))).toEqual([]);
    expect(labelled('chequered flag')).not.toBe('');
  });
});

describe('icons', () => {
  test.each([
    ['twemoji', 1600],
    ['openmoji', 1600],
    ['emojione', 1000],
    ['emojione-v1', 900],
    ['emojione-monotone', 1000],
    ['fxemoji', 600],
    ['fluent-emoji-flat', 1500],
    ['fluent-emoji', 1500],
    ['fluent-emoji-high-contrast', 1500],
    ['noto', 1600],
    ['noto-v1', 1100],
  ])('%s draws at least %i concepts, no two the same', (id, least) => {
    const icons = styleIcons(findStyle(id));
    expect(icons.size).toBeGreaterThan(least);
    expect(new Set([...icons.values()].map(({ body }) => body)).size).toBe(icons.size);
    const order = concepts.filter((concept) => icons.has(concept.id)).map((concept) => concept.id);
    expect([...icons.keys()]).toEqual(order);
  });

  test('names without hyphens tell a whole animal from its face', () => {
    const set = readPackageJson<{ icons: Record<string, { body: string }> }>('@iconify-json/fxemoji/icons.json');
    const icons = styleIcons(findStyle('fxemoji'));
    expect(icons.get(labelled('cat'))?.body).toBe(set.icons.catside.body);
    expect(icons.get(labelled('cat face'))?.body).toBe(set.icons.cat.body);
  });
});
