import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone, SentenceBackbone, SentenceEncoder } from '../../../src/backbone/backbone.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { zeroShotClassifier } from '../../../src/evaluation/zero_shot.js';
import { loadSentenceEncoder } from '../../../src/node/load_sentence_encoder.js';
import { loadSentenceTower, saveSentenceTower } from '../../../src/node/sentence_tower_folder.js';
import { writeSentenceEncoder } from '../../../src/emoji_world/sentence_encoder.js';
import {
  alignTextTower,
  type AlignTextTowerArgs,
  type CaptionedPicture,
} from '../../../src/sentences/align_text_tower.js';
import { imageFeatures } from '../../../src/sentences/image_features.js';
import { MAP_NAME, SCALE_NAME } from '../../../src/sentences/sentence_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { WIDTH, wordEncoder } from '../../helpers/tiny_sentences.js';

const { classNames, train, test: tests } = tinyDataset(6, 4);
const CAPTIONS = ['a photo of a {}.', 'this is a {}.', 'there is a {} in the picture.'];
const pairs: CaptionedPicture[] = train.map((picture, index) => ({
  picture,
  caption: CAPTIONS[index % CAPTIONS.length].replace('{}', classNames[picture.label]),
}));
/** Two pictures of each class, where learning is not the point. */
const few = pairs.filter((_, index) => index % 6 < 2);
const settings = { epochs: 40, batchSize: 16, learningRate: 0.05 };

let folder: string;
let image: Backbone;
let aligned: SentenceBackbone;
const losses: number[] = [];

beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'align-'));
  image = await tinyBackbone();
  const onEpoch = (epoch: number, loss: number) => expect(losses.push(loss)).toBe(epoch);
  aligned = await alignTextTower({ image, encoder: wordEncoder, pairs, onEpoch, ...settings });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const align = (overrides: Partial<AlignTextTowerArgs>) =>
  alignTextTower({ image, encoder: wordEncoder, pairs: few, ...settings, ...overrides });

async function mapOf(backbone: SentenceBackbone): Promise<number[]> {
  return Array.from((await backbone.weights.read(MAP_NAME)).values);
}

describe('aligning a text tower', () => {
  test('a map from sentences to pictures is learned, so that unseen pictures are told by name', async () => {
    expect(losses).toHaveLength(40);
    expect(losses[39]).toBeLessThan(losses[0] - 0.3);
    const classifier = await zeroShotClassifier(aligned, classNames);
    const { accuracy } = await evaluateClassifier(classifier, tests);
    expect(accuracy).toBeGreaterThan(0.9);
    const unaligned = await align({ pairs, epochs: 1, learningRate: 1e-6 });
    const before = await evaluateClassifier(await zeroShotClassifier(unaligned, classNames), tests);
    expect(before.accuracy).toBeLessThan(0.7);
  });

  test("the image tower's weights are read through, the other text tower's are gone", async () => {
    expect(aligned.weights.names).toEqual([
      ...image.weights.names.filter((name) => name.startsWith('vision/')),
      MAP_NAME,
      SCALE_NAME,
    ]);
    const name = 'vision/block_0/mlp/up/kernel';
    expect(await aligned.weights.read(name)).toEqual(await image.weights.read(name));
    expect(aligned.weights.shape(MAP_NAME)).toEqual([WIDTH, 16]);
    const [scale] = (await aligned.weights.read(SCALE_NAME)).values;
    expect(Math.abs(scale - Math.log(1 / 0.07))).toBeGreaterThan(1e-3);
    expect(scale).toBeLessThanOrEqual(Math.log(100) + 1e-6);
    expect(aligned.config.text).toMatchObject({ width: WIDTH, layers: 0, startToken: false, prompts: 'shift' });
    expect(JSON.parse(JSON.stringify(aligned.config))).toEqual(aligned.config);
  });

  test('equal seeds give equal maps and identities; another seed or image tower does not', async () => {
    const short = { epochs: 1 };
    const [one, same, other, elsewhere] = [
      await align(short),
      await align({ ...short, pairs: stream(few) }),
      await align({ ...short, seed: 2 }),
      await align({ ...short, image: await tinyBackbone({ identity: 'another' }) }),
    ];
    expect(await mapOf(same)).toEqual(await mapOf(one));
    expect(same.identity).toBe(one.identity);
    expect(one.identity).toMatch(/^[0-9a-f]{64}$/);
    expect(await mapOf(other)).not.toEqual(await mapOf(one));
    expect(await mapOf(elsewhere)).toEqual(await mapOf(one));
    expect(new Set([one, other, elsewhere].map(({ identity }) => identity)).size).toBe(3);
  });

  test('pictures of the same caption are not told apart', async () => {
    // All of a class have one caption: the least loss is the logarithm of how many there are of each.
    const named = train.map((picture) => ({ picture, caption: classNames[picture.label] }));
    let last = 0;
    await align({ pairs: named, batchSize: 24, epochs: 60, learningRate: 0.1, onEpoch: (_, loss) => (last = loss) });
    expect(last).toBeGreaterThan(Math.log(6) - 1e-3);
    expect(last).toBeLessThan(Math.log(6) + 0.1);
  });

  test('image features are those of the model, a batch at a time', async () => {
    const pictures = tests.slice(0, 3);
    const [whole, parts] = [
      await imageFeatures(image, pictures),
      await imageFeatures(image, pictures, { batchSize: 2 }),
    ];
    const values = await parts.array();
    expect(parts.shape).toEqual([3, 16]);
    (await whole.array()).forEach((row, at) => row.forEach((value, i) => expect(value).toBeCloseTo(values[at][i], 4)));
    tf.dispose([whole, parts]);
  });

  test('leaves no tensor behind, whatever happens', async () => {
    const before = tf.memory().numTensors;
    await align({ epochs: 1 });
    expect(tf.memory().numTensors).toBe(before);
    const picture = { name: 'broken', load: () => Promise.reject(new Error('no such picture')) };
    await expect(align({ pairs: [...few, { picture, caption: 'fox' }] })).rejects.toThrow('no such picture');
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[string, Partial<AlignTextTowerArgs>, RegExp]>([
    ['no pairs', { pairs: [] }, /at least two pictures with different captions.*Received: 0 pictures, 0 captions/],
    ['one caption', { pairs: pairs.slice(0, 1) }, /Received: 1 pictures, 1 captions/],
    [
      'an empty caption',
      { pairs: [pairs[0], { picture: train[1], caption: ' ' }] },
      /The caption of picture 1 \("cat train 1"\) must not be empty\. Received: " "/,
    ],
    [
      'a path in the place of a picture',
      { pairs: [pairs[0], { picture: 'cat.png', caption: 'a cat' } as unknown as CaptionedPicture] },
      /Pair 1 must hold a `picture` with `name` and `load\(\)`.* Received: "cat.png" with the caption "a cat"/,
    ],
    ['no epochs', { epochs: 0 }, /`epochs` must be a positive integer\. Received: 0/],
    ['a batch of one', { batchSize: 1 }, /`batchSize` must be an integer of 2 or more\. Received: 1/],
    ['no learning rate', { learningRate: 0 }, /`learningRate` must be a positive number\. Received: 0/],
  ])('%s is refused before any picture is read', async (_, overrides, message) => {
    const before = tf.memory().numTensors;
    const load = () => Promise.reject(new Error('read'));
    const unread = few.map(({ picture, caption }) => ({ caption, picture: { ...picture, load } }));
    await expect(align({ pairs: unread, ...overrides })).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a saved text tower', () => {
  test('is two files, loads without training, and is the same backbone', async () => {
    const path = join(folder, 'tower');
    await saveSentenceTower(aligned, path);
    expect((await readdir(path)).sort()).toEqual(['sentence_tower.json', 'sentence_tower.safetensors']);
    const loaded = await loadSentenceTower(path, { image, encoder: wordEncoder });
    expect(loaded.identity).toBe(aligned.identity);
    expect(loaded.name).toBe(aligned.name);
    expect(loaded.config).toEqual(aligned.config);
    expect(await mapOf(loaded)).toEqual(await mapOf(aligned));
    expect(await loaded.weights.read(SCALE_NAME)).toEqual(await aligned.weights.read(SCALE_NAME));
  });

  test('is refused with another image tower, another encoder, or a changed or missing file', async () => {
    const path = join(folder, 'refused');
    await saveSentenceTower(aligned, path);
    const load = (of: Partial<{ image: Backbone; encoder: SentenceEncoder }> = {}) =>
      loadSentenceTower(path, { image, encoder: wordEncoder, ...of });
    await expect(load({ image: await tinyBackbone({ identity: 'x' }) })).rejects.toThrow(/another image tower than/);
    await expect(load({ image: await tinyBackbone({ embedDim: 8 }) })).rejects.toThrow(
      /another image tower than that of .* features of 16 numbers, where this has 8\. Give the backbone/,
    );
    const other: SentenceEncoder = async (sentences) =>
      sentences.map(() => Array.from({ length: WIDTH }, (_, at) => at));
    await expect(load({ encoder: other })).rejects.toThrow(/another sentence encoder: .* vectors of cosine/);
    await expect(load({ encoder: async (texts) => texts.map(() => [1]) })).rejects.toThrow(/must give \[1, 12\]/);

    const config = join(path, 'sentence_tower.json');
    const text = await readFile(config, 'utf8');
    const change = async (from: string, to: string, message: RegExp) => {
      await writeFile(config, text.replace(from, to));
      await expect(load()).rejects.toThrow(message);
    };
    await change('"width": 12', '"width": 13', /"text\/projection\/kernel" must be \[13, 16\].*Received: \[12, 16\]/);
    await change('"format_version": 1', '"format_version": 2', /format_version.*upgrade/);
    await change('"sha256": "', '"sha256": "0', /its map was changed/);
    await change('"name"', '"title"', /`name` of .*sentence_tower\.json must be a string/);
    await rm(config);
    await expect(load()).rejects.toThrow(/sentence_tower\.json cannot be read.*Name the folder that saveSentenceTower/);
  });

  test("works with the universal sentence encoder's package", async () => {
    const path = join(folder, 'encoder');
    const texts = CAPTIONS.map((text) => text.replace('{}', classNames.join(' ')));
    await writeSentenceEncoder(path, { texts, width: 32 });
    const encoder = await loadSentenceEncoder(path);
    const backbone = await align({ encoder, pairs });
    const classifier = await zeroShotClassifier(backbone, classNames);
    expect((await evaluateClassifier(classifier, tests)).accuracy).toBeGreaterThan(0.9);
  });
});

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
