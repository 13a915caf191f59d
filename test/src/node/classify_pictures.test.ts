import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { classifyPictures } from '../../../src/node/classify_pictures.js';
import { fileHandler } from '../../../src/node/file_handler.js';
import { loadClassifier } from '../../../src/node/load_classifier.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { answersTable } from '../../../src/report/answers_table.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const CLASSES = ['cat', 'dog', 'American Bulldog', 'fox'];
let folder: string;
let model: LayersModel;
let paths: string[];

beforeAll(async () => {
  await chooseBackend('wasm');
  folder = await mkdtemp(join(tmpdir(), 'classify-'));
  const backbone = await tinyBackbone();
  model = await buildClip(backbone, { classNames: CLASSES, design: promptDesign('maple', backbone.config) });
  paths = ['red', 'green', 'blue', 'white', 'black'].map((colour) => join(folder, `${colour}.png`));
  for (const path of paths) {
    const background = path.slice(folder.length + 1, -4);
    await sharp({ create: { width: 40, height: 20, channels: 3, background } })
      .png()
      .toFile(path);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('classifyPictures', () => {
  test('a model that gives NaN is told of, not taken for one without an answer', async () => {
    const backbone = await tinyBackbone();
    const damaged = await buildClip(backbone, {
      classNames: CLASSES,
      design: promptDesign('zeroShot', backbone.config),
    });
    damaged.getLayer('logits').setWeights([tf.scalar(NaN)]);
    const before = tf.memory().numTensors;
    await expect(classifyPictures(damaged, paths)).rejects.toThrow(
      `The model gives NaN for ${paths[0]}, a picture that can be read, so its weights are damaged`,
    );
    expect(tf.memory().numTensors).toBe(before);
    damaged.dispose();
  });

  test('gives the likeliest classes by the softmax of the logits, in any batches', async () => {
    const white = tf.tidy(() => {
      const { mean, deviation } = {
        mean: [0.48145466, 0.4578275, 0.40821073],
        deviation: [0.26862954, 0.26130258, 0.27577711],
      };
      const pixel = mean.map((value, channel) => (1 - value) / deviation[channel]);
      return (
        tf
          .softmax(model.predict(tf.tile(tf.tensor4d(pixel, [1, 1, 1, 3]), [1, 16, 16, 1])) as tf.Tensor)
          .arraySync() as number[][]
      )[0];
    });
    const { classified, skipped } = await classifyPictures(model, paths, { top: 4, batchSize: 2 });
    expect(skipped).toEqual([]);
    expect(classified.map(({ path }) => path)).toEqual(paths);
    for (const { answers } of classified) {
      expect(answers.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
      const falling = answers.map(({ probability }) => probability).sort((one, other) => other - one);
      expect(answers.map(({ probability }) => probability)).toEqual(falling);
    }
    for (const { className, probability } of classified[3].answers) {
      expect(probability).toBeCloseTo(white[CLASSES.indexOf(className)], 5);
    }
  });

  test('skips what is no picture, naming it, and keeps no tensor', async () => {
    const bad = join(folder, 'bad.png');
    await writeFile(bad, 'no picture');
    const before = tf.memory().numTensors;
    const { classified, skipped } = await classifyPictures(model, [paths[0], bad, paths[1]], { top: 1 });
    expect(classified.map(({ path, answers }) => [path, answers.length])).toEqual([
      [paths[0], 1],
      [paths[1], 1],
    ]);
    expect(skipped).toEqual([{ path: bad, reason: expect.stringContaining('bad.png must be a JPEG') }]);
    expect((await classifyPictures(model, [bad])).classified).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a saved model, loaded and folded, says the same', async () => {
    await model.save(fileHandler(join(folder, 'model')));
    const loaded = await loadClassifier(join(folder, 'model'));
    expect(loaded.layers.some(({ name }) => name.startsWith('text/block'))).toBe(false);
    const [one, other] = [await classifyPictures(model, paths), await classifyPictures(loaded, paths)];
    other.classified.forEach(({ answers }, index) => {
      answers.forEach(({ className, probability }, rank) => {
        expect(className).toBe(one.classified[index].answers[rank].className);
        expect(probability).toBeCloseTo(one.classified[index].answers[rank].probability, 5);
      });
    });
    loaded.dispose();
  });

  test('refuses a folder without a model, and no answers at all', async () => {
    await expect(loadClassifier(join(folder, 'nothing'))).rejects.toThrow('Name a folder that holds a model.json');
    await expect(classifyPictures(model, paths, { top: 0 })).rejects.toThrow('`top` must be a positive integer');
  });
});

test('answersTable shows said, runners-up and the truth', () => {
  const answers = [
    { className: 'cat', probability: 0.91 },
    { className: 'dog', probability: 0.05 },
  ];
  const classified = [
    { path: '/a/1.png', answers },
    { path: '/a/2.png', answers },
  ];
  const rows = answersTable(classified, ['cat', 'dog'])
    .split('\n')
    .map((line) => line.split('│').map((cell) => cell.trim()));
  expect(rows[3].slice(1, -1)).toEqual(['1.png', 'cat', '91.0', 'dog 5.0', '✓ cat']);
  expect(rows[4].slice(1, -1)).toEqual(['2.png', 'cat', '91.0', 'dog 5.0', '✗ dog']);
});

test('answersTable calls files by as much of their paths as tells them apart', () => {
  const named = (...paths: string[]) => {
    const lines = answersTable(paths.map((path) => ({ path, answers: [] }))).split('\n');
    return lines.slice(3, -1).map((line) => line.split('│')[1].trim());
  };
  expect(named('/a/cat/1.png', '/a/cat/2.png')).toEqual(['1.png', '2.png']);
  expect(named('/a/cat/1.png', '/a/dog/1.png')).toEqual(['cat/1.png', 'dog/1.png']);
  expect(named('a/1/x.png', 'x.png', 'b/1/x.png')).toEqual(['a/1/x.png', 'x.png', 'b/1/x.png']);
  expect(named('x.png', 'x.png')).toEqual(['x.png', 'x.png']);
});
