import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../../layers/errors.js';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import type { Example } from '../../../src/data/dataset.js';
import type { PictureLoader } from '../../../src/data/picture_loader.js';
import { transformPicture, type PictureTransform } from '../../../src/data/picture_transform.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { classifyPictures } from '../../../src/node/classify_pictures.js';
import { fileExample } from '../../../src/node/image_folder.js';
import { openPictureLoader } from '../../../src/node/picture_loader.js';
import { readPicture } from '../../../src/node/pictures.js';
import { Random } from '../../../src/random.js';
import { pictureBatches, type PictureBatch, type PictureBatchesArgs } from '../../../src/training/batches.js';
import { tunePrompts } from '../../../src/training/tune_prompts.js';
import { recipes } from '../../../src/training/recipe.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { bundledWorker } from '../../helpers/bundled_worker.js';
import { noisyJpeg, writeTruncated } from '../../helpers/picture_files.js';

const SIZE = 24;
const CROP = { kind: 'augment', size: SIZE } as const;
const TEST = { kind: 'test', size: SIZE } as const;
let folder: string;
let paths: string[];
let worker: Awaited<ReturnType<typeof bundledWorker>>;
let loader: PictureLoader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loader-'));
  worker = await bundledWorker();
  paths = Array.from({ length: 9 }, (_, index) => join(folder, `Bild ${index} ü.jpg`));
  for (const [index, path] of paths.entries()) {
    await writeFile(path, await noisyJpeg(90 + 7 * index, 60 + 11 * index, index + 1));
  }
});
afterEach(() => loader?.close());
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(fileURLToPath(worker.module), { force: true });
});

const open = (threads: number, module = worker.module): PictureLoader =>
  (loader = openPictureLoader({ threads, module }));

/** A module for threads that is not the real one. */
async function moduleOf(code: string): Promise<URL> {
  const path = join(folder, `worker ${code.length}.mjs`);
  await writeFile(path, `import { parentPort } from 'node:worker_threads';\n${code}`);
  return pathToFileURL(path);
}

describe('openPictureLoader', () => {
  test.each([1, 3])('%d threads come to the pixels of the main thread, bit for bit', async (threads) => {
    open(threads);
    const seeds = paths.map((_, index) => new Random(5).fork('transform', 2, index).seed);
    const others: PictureTransform[] = [
      { ...CROP, scale: [0.5, 0.6], flip: 1, filter: 'bilinear' },
      { ...TEST, fit: 'squash', filter: 'bilinear' },
    ];
    for (const transform of [CROP, TEST, ...others]) {
      const beside = await Promise.all(paths.map((path, index) => loader.load(path, transform, seeds[index])));
      for (const [index, path] of paths.entries()) {
        const here = transformPicture(await readPicture(path), transform, new Random(seeds[index]));
        expect([beside[index].width, beside[index].height]).toEqual([SIZE, SIZE]);
        expect(Buffer.compare(beside[index].data, here.data)).toBe(0);
      }
    }
  });

  test('an error names its file, and the others go on', async () => {
    const bad = join(folder, 'bad.jpg');
    await writeTruncated(bad);
    open(2);
    const files = [paths[0], bad, join(folder, 'none.jpg'), paths[1]];
    const settled = await Promise.allSettled(files.map((path) => loader.load(path, TEST, 0)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    const [damaged, missing] = settled.slice(1, 3).map((entry) => (entry as PromiseRejectedResult).reason);
    expect(damaged).toBeInstanceOf(MapleError);
    expect(damaged.message).toBe(await readPicture(bad).catch((error: Error) => error.message));
    expect(missing.message).toContain(`${join(folder, 'none.jpg')} cannot be read`);
  });

  test.each([
    ["parentPort.on('message', () => process.exit(3));", 'exit code 3'],
    ["parentPort.on('message', () => { throw new TypeError('a defect'); });", 'a defect'],
    ["throw new Error('does not start');", 'does not start'],
  ])('a thread that dies is reported with the file it was at: %s', async (code, why) => {
    open(1, await moduleOf(code));
    const settled = await Promise.allSettled([loader.load('/a.jpg', TEST, 0), loader.load('/b.jpg', TEST, 0)]);
    expect(settled.map((entry) => (entry as PromiseRejectedResult).reason)).toEqual(
      ['/a.jpg', '/b.jpg'].map(
        (path) =>
          new MapleError(
            `The thread that read ${path} ended: ${why}. If memory is short, use fewer threads or smaller pictures.`,
          ),
      ),
    );
  });

  test('starts threads as they are needed, no more than asked for, and leaves none when closed', async () => {
    const signs = join(folder, 'signs');
    await writeFile(signs, '');
    const module = await moduleOf(
      `import { appendFileSync } from 'node:fs';
       import { threadId } from 'node:worker_threads';
       const sign = () => appendFileSync(${JSON.stringify(signs)}, threadId + ' ');
       setInterval(sign, 1);
       parentPort.on('message', ({ path }) => {
         sign();
         if (path !== 'hold') parentPort.postMessage({ picture: path });
       });`,
    );
    const threads = async (): Promise<Set<string>> => new Set((await readFile(signs, 'utf8')).trim().split(' '));
    open(2, module);
    for (const path of ['a', 'b', 'c']) await loader.load(path, TEST, 0);
    expect((await threads()).size).toBe(1);
    const held = Promise.allSettled(['hold', 'hold', 'hold'].map((path) => loader.load(path, TEST, 0)));
    while ((await threads()).size < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    await loader.close();
    const reasons = (await held).map((entry) => (entry as PromiseRejectedResult).reason.message);
    expect(reasons).toEqual(
      ['hold', 'hold', 'hold'].map(
        (path) => `${path} cannot be read: the picture loader has been closed. Open another one.`,
      ),
    );
    await expect(loader.load('late', TEST, 0)).rejects.toThrow('late cannot be read: the picture loader has been');
    const { length } = await readFile(signs, 'utf8');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await readFile(signs, 'utf8')).length).toBe(length);
    expect((await threads()).size).toBe(2);
  });

  test('this thread goes on while pictures are decoded', async () => {
    const large = join(folder, 'large.jpg');
    await writeFile(large, await noisyJpeg(1600, 1200));
    open(1);
    // Turns of the event loop while the cropping goes on, which takes all of a thread's time.
    const turnsDuring = async (work: () => Promise<unknown>): Promise<number> => {
      let turns = 0;
      let going = true;
      const count = (): void => {
        turns++;
        if (going) setImmediate(count);
      };
      setImmediate(count);
      await work();
      going = false;
      return turns;
    };
    const picture = await readPicture(large);
    await loader.load(paths[0], TEST, 0);
    const here = await turnsDuring(async () => transformPicture(picture, CROP, new Random(1)));
    const beside = await turnsDuring(() => loader.load(large, CROP, 1));
    expect(here).toBe(0);
    expect(beside).toBeGreaterThan(20);
  });

  test('threads go on with what was asked for while this one is busy, as it is in a training step', async () => {
    const done = new Int32Array(new SharedArrayBuffer(4));
    const log = join(folder, 'log');
    await writeFile(log, '');
    const module = await moduleOf(
      `import { appendFileSync } from 'node:fs';
       parentPort.on('message', ({ path }) => {
         appendFileSync(${JSON.stringify(log)}, path);
         parentPort.postMessage({ picture: path });
       });`,
    );
    open(1, module);
    await loader.load('a', TEST, 0);
    const loading = ['b', 'c', 'd'].map((path) => loader.load(path, TEST, 0));
    // Nothing of this thread's event loop runs until all are read.
    for (let wait = 0; wait < 2000 && readFileSync(log, 'utf8') !== 'abcd'; wait++) Atomics.wait(done, 0, 0, 5);
    expect(readFileSync(log, 'utf8')).toBe('abcd');
    expect(await Promise.all(loading)).toEqual(['b', 'c', 'd']);
  });

  test('the threads import no tfjs, so that they start quickly', () => {
    expect(worker.imports).toContain('sharp');
    expect(worker.imports).toContain('src/data/augment.ts');
    expect(worker.imports.filter((path) => path.includes('tensorflow') || path.includes('/training/'))).toEqual([]);
  });

  test('refuses a number of threads that is none', () => {
    expect(() => openPictureLoader({ threads: 0 })).toThrow('`threads` must be a positive integer. Received: 0.');
    expect(openPictureLoader().threads).toBeGreaterThanOrEqual(1);
    expect(openPictureLoader().threads).toBeLessThanOrEqual(4);
  });

  test('a program that forgets to close it ends all the same', async () => {
    const program = join(folder, 'program.mjs');
    const bundle = join(
      fileURLToPath(new URL('../../../', import.meta.url)),
      'out',
      'test-worker',
      `loader_${process.pid}.mjs`,
    );
    const { build } = await import('esbuild');
    await build({
      entryPoints: [fileURLToPath(new URL('../../../src/node/picture_loader.ts', import.meta.url))],
      outfile: bundle,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
    });
    await writeFile(
      program,
      `import { openPictureLoader } from ${JSON.stringify(pathToFileURL(bundle).href)};
       const loader = openPictureLoader({ threads: 2, module: new URL(${JSON.stringify(worker.module.href)}) });
       const { width } = await loader.load(${JSON.stringify(paths[0])}, { kind: 'test', size: 8 }, 0);
       console.log(width);`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
    expect(stdout).toBe('8\n');
    await rm(bundle);
  });
});

describe('pictureBatches with a loader', () => {
  const batches = (change: Partial<PictureBatchesArgs> = {}) =>
    pictureBatches({
      examples: paths.map((path, index) => fileExample(path, index % 3)),
      classCount: 3,
      batchSize: 2,
      imageSize: SIZE,
      statistics: CLIP_IMAGE_STATISTICS,
      transform: CROP,
      random: new Random(4),
      ...change,
    });

  async function pass(dataset: ReturnType<typeof batches>): Promise<number[][]> {
    const iterator = await dataset.iterator();
    const values: number[][] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const { xs, ys } = next.value as PictureBatch;
      values.push([...xs.dataSync(), ...ys.dataSync()]);
      tf.dispose([xs, ys]);
    }
    return values;
  }

  test('gives the same batches in the same order, and leaks nothing', async () => {
    const before = tf.memory().numTensors;
    const [without, beside] = [batches(), batches({ loader: open(3) })];
    for (let epoch = 0; epoch < 2; epoch++) {
      expect(await pass(beside)).toEqual(await pass(without));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('reads examples that are no files here', async () => {
    const drawn: Example = { label: 0, name: 'drawn', load: () => readPicture(paths[0]) };
    const examples = [drawn, fileExample(paths[1], 1)];
    expect(await pass(batches({ examples, loader: open(1) }))).toEqual(await pass(batches({ examples })));
  });

  test('never reads more than the batches ahead, however long one is trained on', async () => {
    let asked = 0;
    const counting: PictureLoader = {
      threads: 2,
      load: async (path, transform, seed) => {
        asked++;
        return transformPicture(await readPicture(path), transform, new Random(seed));
      },
      close: async () => undefined,
    };
    const seen = async (change: Partial<PictureBatchesArgs>): Promise<number[]> => {
      asked = 0;
      const counts: number[] = [];
      const iterator = await batches({ loader: counting, ...change }).iterator();
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        counts.push(asked);
        tf.dispose(next.value as PictureBatch);
      }
      return counts;
    };
    expect(await seen({ prefetch: 1 })).toEqual([4, 6, 8, 8]);
    // Two batches ahead at least; with batches of one, as many as hold two pictures a thread.
    expect(await seen({})).toEqual([6, 8, 8, 8]);
    expect(await seen({ batchSize: 1 })).toEqual([5, 6, 7, 8, 9, 9, 9, 9, 9]);
  });

  test('an error reaches whoever asks for the batch', async () => {
    const examples = [...paths.slice(0, 3), join(folder, 'none.jpg')].map((path) => fileExample(path, 0));
    const iterator = await batches({ examples, shuffle: false, loader: open(2) }).iterator();
    tf.dispose((await iterator.next()).value);
    await expect(iterator.next()).rejects.toThrow('none.jpg cannot be read');
  });

  test('refuses a transform that cannot go to another thread', () => {
    expect(() => batches({ loader: open(1), transform: (picture) => picture })).toThrow(
      "`transform` must be data such as { kind: 'test', size: 224 } where there is a loader. Received: a function.",
    );
  });
});

test('training, evaluation and classification come to the same with a loader', async () => {
  const backbone = await tinyBackbone();
  const examples = paths.slice(0, 4).map((path, index) => fileExample(path, index % 2));
  const recipe = { ...recipes.mapleBaseToNew, epochs: 2, batchSize: 2 };
  const run = async (given?: PictureLoader) => {
    const design = promptDesign('coop', backbone.config);
    const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design });
    const history = await tunePrompts({ model, examples, recipe, loader: given });
    const metrics = await evaluateClassifier(model, examples, { batchSize: 3, loader: given });
    const answers = await classifyPictures(model, paths, { batchSize: 4, loader: given });
    model.dispose();
    return { history, metrics, answers };
  };
  expect(await run(open(2))).toEqual(await run());
});
