import { describe, expect, test } from '@jest/globals';
import type { Example } from '../../../src/data/dataset.js';
import { emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { chooseConcepts, emojiDataset, emojiGroups } from '../../../src/emoji_world/datasets.js';

const options = { style: 'noto', group: 'flags', size: 24, shots: 3, validationShots: 2, testScenes: 2 } as const;
const load = (examples: Example[]): Promise<string[]> =>
  Promise.all(examples.map(async (example) => Buffer.from((await example.load()).data).toString('base64')));

describe('emojiDataset', () => {
  test('has a class a concept and so many scenes a class', async () => {
    const dataset = await emojiDataset({ ...options, cacheFolder: null });
    const flags = emojiConcepts().filter(({ group }) => group === 'flags');
    expect(dataset.classNames).toEqual(flags.map(({ label }) => label));
    expect([dataset.train, dataset.validation, dataset.test].map((split) => split.length)).toEqual([24, 16, 16]);
    expect(dataset.train.slice(0, 4).map(({ label }) => label)).toEqual([0, 0, 0, 1]);
    expect(dataset.train[3].name).toBe('noto/triangular flag/train-0');
    expect(dataset.template).toBe('a photo of a {}.');
    const picture = await dataset.test[0].load();
    expect([picture.width, picture.height]).toEqual([24, 24]);
  });

  test('no two scenes are the same, and each is the same at every call', async () => {
    const dataset = await emojiDataset({ ...options, cacheFolder: null });
    const scenes = await load([...dataset.train, ...dataset.validation, ...dataset.test]);
    expect(new Set(scenes).size).toBe(56);
    expect(await load([...dataset.train, ...dataset.validation, ...dataset.test])).toEqual(scenes);
  });

  test('the seed changes the training scenes only', async () => {
    const [one, two] = await Promise.all([1, 2].map((seed) => emojiDataset({ ...options, seed, cacheFolder: null })));
    expect(await load(one.test)).toEqual(await load(two.test));
    expect(await load(one.validation)).toEqual(await load(two.validation));
    const [trainOne, trainTwo] = [await load(one.train), await load(two.train)];
    expect(trainOne.filter((scene) => trainTwo.includes(scene))).toEqual([]);
  });
});

describe('chooseConcepts', () => {
  test('takes so many classes, in Unicode order, always the same', () => {
    const chosen = chooseConcepts({ style: 'noto', group: 'animals', classes: 60 });
    expect(chosen).toHaveLength(60);
    const order = chosen.map((concept) => emojiConcepts().indexOf(concept));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(chooseConcepts({ style: 'noto', group: 'animals', classes: 60 })).toEqual(chosen);
  });

  test('gives several styles the same classes', () => {
    const styles = ['noto', 'noto-v1', 'fluent-emoji-high-contrast'];
    const choices = styles.map((style) =>
      chooseConcepts({ style, group: 'food', classes: 40, alsoIn: styles.filter((other) => other !== style) }),
    );
    expect(choices[1]).toEqual(choices[0]);
    expect(choices[2]).toEqual(choices[0]);
  });

  test('names what is wrong', () => {
    expect(() => chooseConcepts({ style: 'noto', group: 'flags', classes: 9 })).toThrow(
      '`classes` must be an integer from 1 to 8, as many as noto draw of flags. Received: 9.',
    );
    expect(() => chooseConcepts({ style: 'noto', group: 'cars' as 'food' })).toThrow('`group` must be all or one of');
  });
});

describe('emojiGroups', () => {
  test('counts the classes of each group in each style', () => {
    const animals = emojiGroups().find(({ group }) => group === 'animals');
    expect(animals?.classes.noto).toBe(160);
    expect(emojiGroups().map(({ group }) => group)).toHaveLength(9);
  });
});
