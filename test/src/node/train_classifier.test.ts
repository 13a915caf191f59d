import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../../layers/errors.js';
import { classNamesOf } from '../../../src/backbone/model_metadata.js';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { emojiDataset } from '../../../src/emoji_world/datasets.js';
import { emojiRecipe } from '../../../src/emoji_world/recipes.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import type { RunEnvironment } from '../../../src/evaluation/record.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { classifyPictures } from '../../../src/node/classify_pictures.js';
import { runEnvironment } from '../../../src/node/environment.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { loadClassifier } from '../../../src/node/load_classifier.js';
import { silenceNotes } from '../../../src/node/notes.js';
import { packageFolder } from '../../../src/node/package_folder.js';
import { listPictures } from '../../../src/node/pictures.js';
import { loadPrompts } from '../../../src/node/prompt_folder.js';
import { readTrainData } from '../../../src/node/train_data.js';
import { trainClassifier, type TrainClassifierArgs } from '../../../src/node/train_classifier.js';
import { readRecords } from '../../../src/report/read_records.js';
import { recipes } from '../../../src/training/recipe.js';
import { pngOf, writePhotos } from '../../helpers/photos.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

let work: string;
let environment: RunEnvironment;
let tiny: Backbone;
const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 2, depth: 2 };

/** A training on tinted noise that takes a second or two. */
const quick = (out: string, changes: Partial<TrainClassifierArgs> = {}) =>
  trainClassifier({
    pictures: join(work, 'tints'),
    out: join(work, out),
    backbone: tiny,
    environment,
    recipe,
    method: 'maple',
    shots: 4,
    ...changes,
  });
const linesOf = async (out: string) =>
  (await readFile(join(work, out, 'log.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const testExamples = async (out: string) => {
  const { counts } = await JSON.parse(await readFile(join(work, out, 'record.json'), 'utf8')).at(-1);
  const data = await readTrainData(join(work, 'tints'), { shots: 2, seed: 1, testShare: 0.25, validationShare: 0 });
  expect(data.counts).toEqual(counts);
  return data.dataset.test;
};
const bytesOf = (out: string) => readFile(join(work, out, 'prompts', 'adapter_model.safetensors'));

beforeAll(async () => {
  silenceNotes();
  environment = runEnvironment(await chooseBackend('wasm'));
  work = await mkdtemp(join(tmpdir(), 'train-'));
  tiny = await tinyBackbone();
  const { classNames, train } = tinyDataset(6);
  await writePhotos(join(work, 'tints'), classNames, train);
});
afterEach(() => tf.disposeVariables());
afterAll(async () => {
  silenceNotes(false);
  await rm(work, { recursive: true, force: true });
});

describe('training on a folder with all that can be wrong in one', () => {
  test('says what it left out and why, and ends with a model that works', async () => {
    const pictures = join(work, 'my photos, 2026');
    const drawn = await emojiDataset({ style: 'noto', group: 'food', classes: 3, shots: 10, seed: 1 });
    const { train, test: others } = drawn;
    const CLASSES = drawn.classNames.map((name, label) => [name, `${name} été`, `(${name}) 寿司 🍣`][label]);
    await writePhotos(pictures, CLASSES, train);
    await mkdir(join(pictures, 'one picture'));
    await writeFile(join(pictures, 'one picture', 'the only one.png'), await pngOf(others[0]));
    await mkdir(join(pictures, 'nothing'));
    await writeFile(join(pictures, 'readme.md'), 'not in a class');
    await writeFile(join(pictures, CLASSES[0], 'notes.txt'), 'not a picture');
    await writeFile(join(pictures, CLASSES[0], 'renamed.jpg'), 'text that is called a picture');
    await writeFile(join(pictures, CLASSES[1], 'empty.png'), '');
    const whole = await pngOf(train[0]);
    // Its header is right: only decoding tells.
    await writeFile(join(pictures, CLASSES[2], 'cut short.png'), whole.subarray(0, whole.length / 2));

    const backbone = await loadBackbone(join(packageFolder(), 'assets', 'emoji-clip'));
    const out = join(work, 'runs', 'with spaces é');
    const told: string[] = [];
    const trained = await trainClassifier({
      ...{ pictures, out, backbone, environment },
      recipe: { ...emojiRecipe('maple'), epochs: 2 },
      onSkipped: (skipped) => told.push(...skipped.map(({ path }) => path)),
    });

    const reasons = new Map(trained.skipped.map(({ path, reason }) => [path.slice(pictures.length + 1), reason]));
    expect([...reasons.keys()].sort()).toEqual(
      [
        'nothing',
        'one picture',
        'readme.md',
        join(CLASSES[0], 'notes.txt'),
        join(CLASSES[0], 'renamed.jpg'),
        join(CLASSES[1], 'empty.png'),
        join(CLASSES[2], 'cut short.png'),
      ].sort(),
    );
    expect(reasons.get(join(CLASSES[2], 'cut short.png'))).toMatch(/cannot be decoded.*damaged or truncated/);
    expect(reasons.get(join(CLASSES[1], 'empty.png'))).toMatch(/an empty file/);
    expect(reasons.get('nothing')).toMatch(/without a readable picture/);
    expect(reasons.get('one picture')).toMatch(/test/);
    expect(told).toEqual(trained.skipped.map(({ path }) => path));

    expect(trained.counts.find(({ className }) => className === 'one picture')).toEqual(
      expect.objectContaining({ train: 1, test: 0 }),
    );
    const [zeroShot, features, tuned, together] = trained.records;
    expect([zeroShot.method, tuned.method, tuned.history.length]).toEqual(['zeroShot', 'maple', 2]);
    expect([features, together].map(({ method, head }) => [method, head?.kind])).toEqual([
      ['lpPlusPlus', 'lpPlusPlus'],
      ['maple', 'lpPlusPlus'],
    ]);
    expect(zeroShot.test.labels).toEqual(tuned.test.labels);
    expect(tuned.test.pictures).toBeGreaterThanOrEqual(6);
    // Of four classes.
    expect(tuned.test.accuracy).toBeGreaterThan(0.6);

    const classifier = await loadClassifier(out);
    expect(classNamesOf(classifier).sort()).toEqual([...CLASSES, 'one picture'].sort());
    const { classified } = await classifyPictures(classifier, await listPictures(join(pictures, CLASSES[0])), {
      top: 1,
    });
    const right = classified.filter(({ answers }) => answers[0].className === CLASSES[0]);
    expect(right.length / classified.length).toBeGreaterThan(0.5);
  }, 240_000);
});

describe('what a training writes', () => {
  test('can be read by what reads such files, and says the same', async () => {
    const { records } = await quick('whole', { validate: true });
    const out = join(work, 'whole');
    expect((await readdir(out)).sort()).toEqual([
      ...['checkpoint', 'log.jsonl', 'model', 'prompts', 'record.json', 'report.html'],
    ]);
    const { records: read } = await readRecords([join(out, 'record.json')]);
    expect(read.map((record) => (record as (typeof records)[0]).test.said)).toEqual(
      records.map(({ test: { said } }) => said),
    );
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).toMatch(/<h2>Runs on the same test pictures<\/h2>[^]*MaPLe \+ LP\+\+[^]*<h2>Training loss<\/h2>/);
    // Two epochs of a random backbone teach nothing, which comes first.
    expect(report).toMatch(/<h1>MaPLe guesses: [^<]*<\/h1>\s*<p>MaPLe has [^<]* test pictures right, /);
    expect(report).toContain('data:image/png;base64,');

    // Model and prompts answer alike.
    const { test: examples, train } = tinyDataset(6);
    const classifier = await loadClassifier(out);
    const again = await loadPrompts(join(out, 'prompts'), tiny);
    const pictures = [...examples, ...train];
    const [folded, whole] = [await evaluateClassifier(classifier, pictures), await evaluateClassifier(again, pictures)];
    expect(folded.said).toEqual(whole.said);

    const lines = await linesOf('whole');
    expect(lines[0]).toEqual(
      expect.objectContaining({
        event: 'start',
        program: 'tfjs-maple train',
        environment: expect.objectContaining({ version: environment.version, tfjs: tf.version_core, backend: 'wasm' }),
        settings: expect.objectContaining({ method: 'maple', seed: 1, recipe: { ...recipe, shots: 3 } }),
      }),
    );
    // Four were asked for, and three there are.
    expect(records.map(({ shots }) => shots)).toEqual([0, 3, 3, 3]);
    const tuned = records[2];
    const of = (event: string) => lines.filter((line) => line.event === event);
    expect(
      of('epoch').map(({ epoch, loss, accuracy, learningRate }) => ({ epoch, loss, accuracy, learningRate })),
    ).toEqual(tuned.history);
    expect(of('batch').length).toBeGreaterThan(0);
    expect(of('validation').map(({ epoch, pictures: count }) => [epoch, count])).toEqual([
      [0, 4],
      [1, 4],
    ]);
    expect(of('test').map(({ method, head, accuracy }) => [method, head, accuracy])).toEqual(
      records.map(({ method, head, test: { accuracy } }) => [method, head?.kind, accuracy]),
    );
    expect(lines[lines.length - 1].event).toBe('end');
  });

  test('zero-shot alone is a model too', async () => {
    const { records, model } = await quick('zero', { method: 'zeroShot' });
    // What the backbone's features are worth is measured all the same; what was asked for is kept.
    expect(records.map(({ method, chosen }) => [method, chosen])).toEqual([
      ['zeroShot', true],
      ['lpPlusPlus', false],
    ]);
    expect(existsSync(join(model, 'model.json'))).toBe(true);
  });

  test('all shots and a method that depends on the picture', async () => {
    const { records, counts } = await quick('cocoop', {
      method: 'cocoop',
      shots: 'all',
      recipe: { ...recipe, depth: 1 },
    });
    expect(records[1].shots).toBe(Math.max(...counts.map(({ train }) => train)));
    expect(await loadClassifier(join(work, 'cocoop'))).toBeDefined();
  });
});

describe('a training that was stopped', () => {
  test('goes on where it was and ends with the same prompts, record and figures', async () => {
    const { records } = await quick('undisturbed');
    const controller = new AbortController();
    const stop = { signal: controller.signal, recipe };
    // At the end of the first epoch, whose line is in the log by then.
    const stages = setInterval(() => {
      if (existsSync(join(work, 'stopped', 'checkpoint', 'state.safetensors'))) {
        controller.abort(new Error('stopped by the test'));
      }
    }, 1);
    await expect(quick('stopped', stop)).rejects.toThrow('stopped by the test');
    clearInterval(stages);
    expect(await readdir(join(work, 'stopped'))).not.toContain('model');

    await expect(quick('stopped')).rejects.toThrow(
      `${join(work, 'stopped')} holds a training that was stopped already. Go on with it by --resume`,
    );
    await expect(quick('stopped', { resume: true, seed: 2 })).rejects.toThrow(MapleError);
    await expect(quick('stopped', { resume: true, recipe: { ...recipe, epochs: 3 } })).rejects.toThrow(
      '`recipe.epochs` was 2, and is now 3',
    );
    const again = await quick('stopped', { resume: true });
    expect(again.records[1].history).toEqual(records[1].history);
    expect(again.records[1].test).toEqual(records[1].test);
    expect((await bytesOf('stopped')).equals(await bytesOf('undisturbed'))).toBe(true);
    const starts = (await linesOf('stopped')).filter(({ event }) => event === 'start');
    expect(starts[0].resumed).toBeUndefined();
    expect(starts[starts.length - 1].resumed).toEqual({ epoch: expect.any(Number), batch: expect.any(Number) });
  });

  test('has a damaged checkpoint: says so, and changes nothing', async () => {
    await quick('damaged');
    const path = join(work, 'damaged', 'checkpoint', 'state.safetensors');
    await copyFile(join(work, 'damaged', 'record.json'), path);
    const log = await readFile(join(work, 'damaged', 'log.jsonl'), 'utf8');
    await expect(quick('damaged', { resume: true })).rejects.toThrow(/state\.safetensors is damaged/);
    expect(await readFile(join(work, 'damaged', 'log.jsonl'), 'utf8')).toBe(log);
  });
});

describe('refuses, and writes nothing', () => {
  test('a folder with something else in it, unless forced', async () => {
    const folder = join(work, 'mine');
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    await expect(quick('mine')).rejects.toThrow(
      new MapleError(
        `${folder} must be a new or empty folder. Received: one that holds thesis.txt, which no training wrote. ` +
          'Name another by --out (`out`), or write into it nevertheless by --force.',
      ),
    );
    expect(await readdir(folder)).toEqual(['thesis.txt']);
    await quick('mine', { force: true });
    expect(await readFile(join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
    // Now it is a training's, and can be begun anew; what is not the training's stays.
    await expect(quick('mine')).rejects.toThrow('holds a finished training already');
    await quick('mine', { force: true, recipe: { ...recipe, epochs: 1 } });
    expect((await linesOf('mine')).filter(({ event }) => event === 'epoch')).toHaveLength(1);
    expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
  });

  test.each<[string, Partial<TrainClassifierArgs>, RegExp]>([
    ['an output among the pictures', { out: '' }, /must lie outside the pictures' folder/],
    ['resume and force together', { resume: true, force: true }, /give one of them/],
    ['a share that leaves nothing', { testShare: 1 }, /test/],
    ['shots that are none', { shots: 0 }, /`shots` must be a positive integer/],
    ['a depth that the backbone has not', { design: { depth: 9 } }, /depth/i],
    ['a prompt that is too long', { design: { prefix: 'a photo '.repeat(40) } }, /must have at most \d+ tokens/],
    ['a text of zero-shot that is too long', { templates: [`${'a '.repeat(90)}{}`] }, /must have at most \d+ tokens/],
  ])('%s', async (name, changes, message) => {
    const out = changes.out === '' ? join(work, 'tints', 'runs') : join(work, name);
    await expect(quick('', { ...changes, out })).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  test('settings that do not fit, with what a training before wrote still there', async () => {
    await quick('kept', { recipe: { ...recipe, epochs: 1 } });
    const before = await bytesOf('kept');
    await expect(quick('kept', { force: true, design: { depth: 9 } })).rejects.toThrow(/depth/i);
    expect(await bytesOf('kept')).toEqual(before);
    expect((await linesOf('kept')).at(-1).event).toBe('end');
  });

  test('pictures of one class, and pictures of which none is left to test on', async () => {
    const [example, other] = tinyDataset(1).train;
    await writePhotos(join(work, 'one'), ['cat'], [example]);
    await expect(quick('x', { pictures: join(work, 'one') })).rejects.toThrow(
      /must have readable training pictures of two classes at least\. Received: one, "cat"/,
    );
    await writeFile(join(work, 'one', 'cat', 'empty.png'), '');
    const empty = await quick('x', { pictures: join(work, 'one') }).catch((error: Error) => error.message);
    // The path of each once.
    expect(empty).toMatch(/Left out:\n {2}- [^:]*empty\.png must be a JPEG/);
    await writePhotos(join(work, 'singles'), ['cat', 'dog'], [example, other]);
    await expect(quick('x', { pictures: join(work, 'singles') })).rejects.toThrow(/left for the test.*Add pictures/);
    expect(existsSync(join(work, 'x'))).toBe(false);
  });
});

describe('settings from the pictures themselves', () => {
  const usual = { ...recipe, learningRate: 0.02 };

  test('are searched for on pictures that are neither shots nor tested on, kept, and told in the records', async () => {
    const told: string[] = [];
    const { records } = await quick('searched', {
      shots: 2,
      recipe: usual,
      method: undefined,
      search: true,
      resume: true,
      onStage: (text) => told.push(text),
    });
    expect(told[0]).toMatch(/searched holds no training to go on with: a new one begins$/);
    expect(told).toContainEqual(
      expect.stringMatching(/^4 classes: 8 pictures to tune on, 8 to choose by, 8 to test on/),
    );
    const { recipe: found, search } = JSON.parse(await readFile(join(work, 'searched', 'search.json'), 'utf8')) as {
      recipe: typeof usual;
      search: { rungs: unknown[]; chosen: number; heldOut: boolean };
    };
    expect(search.heldOut).toBe(false);
    const tuned = records.filter(({ method }) => method === 'maple');
    expect(tuned.map((record) => [record.search, record.recipe?.epochs])).toEqual(
      tuned.map(() => [search, found.epochs]),
    );
    expect(records.map(({ validation }) => validation?.pictures)).toEqual([8, 8, 8, 8]);
    const most = Math.max(...records.map(({ validation }) => validation?.accuracy ?? 0));
    const [chosen, ...others] = records.filter((record) => record.chosen);
    expect([chosen.validation?.accuracy, others]).toEqual([most, []]);
    // What was chosen is what is kept.
    const classifier = await loadClassifier(join(work, 'searched'));
    const again = await evaluateClassifier(classifier, await testExamples('searched'));
    expect(again.said).toEqual(chosen.test.said);
  }, 240_000);

  test('a training that guesses begins anew more gently, and says so where nothing helps', async () => {
    const told: string[] = [];
    const { records } = await quick('guessing', {
      shots: 'all',
      recipe: { ...usual, learningRate: 1e-6, epochs: 1 },
      search: true,
      method: 'coop',
      onStage: (text) => told.push(text),
    });
    const tuned = records.find(({ method }) => method === 'coop');
    expect(tuned?.guesses).toMatch(/^a loss of \d\.\d\d, (where guessing among 4 classes has 1\.39|above the)/);
    expect(told.filter((text) => / guesses \(/.test(text))).toHaveLength(2);
    expect(await readFile(join(work, 'guessing', 'report.html'), 'utf8')).toMatch(/<h1>CoOp guesses: /);
  }, 240_000);
});
