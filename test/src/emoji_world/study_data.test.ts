import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Example } from '../../../src/data/dataset.js';
import type { Picture } from '../../../src/data/picture.js';
import { emojiStudyData } from '../../../src/emoji_world/study_data.js';
import type { StudyData } from '../../../src/study/study_data.js';

const ONE = { seed: 1, shots: 1 };

let cacheFolder: string;
let data: StudyData;
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'study-'));
  data = emojiStudyData({ cacheFolder });
});
afterAll(() => rm(cacheFolder, { recursive: true }));

function load(examples: readonly Example[]): Promise<Picture[]> {
  return Promise.all(examples.map((example) => example.load()));
}

/** Mean difference between red, green and blue. */
function colourfulness({ data: values }: Picture): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 3) {
    const pixel = values.subarray(at, at + 3);
    sum += Math.max(...pixel) - Math.min(...pixel);
  }
  return sum / (values.length / 3);
}

describe('emojiStudyData', () => {
  test('names its data sets and domains, the source first', () => {
    expect(data.name).toBe('Emoji World, noto');
    expect(data.datasets).toHaveLength(11);
    expect(data.datasets[0]).toBe(data.source);
    expect(data.domains).toEqual(['older', 'monochrome', 'high-contrast', 'corrupted']);
  });

  test('loads a data set with so many shots, and 4 and 20 scenes a class besides', async () => {
    const mammals = await data.load('mammals', { seed: 1, shots: 2 });
    expect(mammals.name).toBe('mammals');
    expect([mammals.train, mammals.validation, mammals.test].map((split) => split.length)).toEqual([80, 160, 800]);
    expect(mammals.train[79].label).toBe(39);
    expect(mammals.test[0].name).toBe('noto/badger/test-0');
  });

  test('gives fewer shots the first of more, and the same tests whatever the seed', async () => {
    const [one, two, other] = await Promise.all([
      data.load('mammals', ONE),
      data.load('mammals', { seed: 1, shots: 2 }),
      data.load('mammals', { seed: 2, shots: 1 }),
    ]);
    expect(await one.train[7].load()).toEqual(await two.train[14].load());
    expect(await one.test[50].load()).toEqual(await other.test[50].load());
    expect(await one.train[7].load()).not.toEqual(await other.train[7].load());
  });

  test('has every class of every set drawn, each unlike the others', async () => {
    for (const name of data.datasets) {
      const pictures = await load((await data.load(name, ONE)).train);
      const contrasts = pictures.map(({ data: values }) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      });
      expect(Math.min(...contrasts)).toBeGreaterThan(5);
    }
  });

  test('gives all domains the classes of the source', async () => {
    const source = await data.load(data.source, ONE);
    for (const name of data.domains) {
      const domain = await data.load(name, ONE);
      expect(domain.name).toBe(name);
      expect(domain.classNames).toEqual(source.classNames);
      expect(domain.test.map(({ label }) => label)).toEqual(source.test.map(({ label }) => label));
      expect(domain.test[0].name).toBe(`${name}/angry face/test-0`);
      expect(await domain.test[5].load()).not.toEqual(await source.test[5].load());
    }
  });

  test('takes the colour from monochrome drawings and not from their ground', async () => {
    const [source, monochrome] = await Promise.all(['all', 'monochrome'].map((name) => data.load(name, ONE)));
    const [coloured, grey] = await Promise.all([load(source.train), load(monochrome.train)]);
    const less = coloured.filter((picture, at) => colourfulness(grey[at]) < 0.98 * colourfulness(picture));
    expect(less.length).toBeGreaterThan(40);
    // Corners are ground, and the scenes are otherwise the same.
    const corners = grey.map((picture, at) => Math.abs(picture.data[0] - coloured[at].data[0]));
    expect(corners.filter((difference) => difference <= 2).length).toBeGreaterThan(60);
    expect(Math.min(...grey.map(colourfulness))).toBeGreaterThan(2);
  });

  test('corrupts a scene once, always in the same way', async () => {
    const [first, again, elsewhere] = await Promise.all([
      data.load('corrupted', ONE),
      data.load('corrupted', ONE),
      emojiStudyData({ cacheFolder }).load('corrupted', { seed: 2, shots: 1 }),
    ]);
    const picture = await first.test[3].load();
    expect(await again.test[3].load()).toBe(picture);
    expect(await elsewhere.test[3].load()).toEqual(picture);
    expect(await elsewhere.train[3].load()).not.toEqual(await first.train[3].load());
  });

  test('has the same classes in the style for choosing settings, and the domains made from it', async () => {
    const flat = emojiStudyData({ style: 'fluent-emoji-flat', validationScenes: 20, testScenes: 1, cacheFolder });
    expect(flat.datasets).toEqual(data.datasets);
    expect(flat.domains).toEqual(['monochrome', 'corrupted']);
    const [plants, reported] = [await flat.load('plants', ONE), await data.load('plants', ONE)];
    expect(plants.name).toBe('plants (fluent-emoji-flat)');
    expect(flat.recordedAs?.('plants')).toBe(plants.name);
    expect(plants.classNames).toEqual(reported.classNames);
    expect([plants.validation.length, plants.test.length]).toEqual([800, 40]);
    expect((await flat.load('monochrome', ONE)).name).toBe('monochrome (fluent-emoji-flat)');
  });

  test('names what is wrong', async () => {
    await expect(data.load('cars', ONE)).rejects.toThrow('The data sets are all, faces,');
    expect(() => emojiStudyData({ style: 'clowntown' })).toThrow('Received: "clowntown".');
    expect(() => emojiStudyData({ style: 'fxemoji' })).toThrow('must be one that draws all classes of the study');
  });
});
