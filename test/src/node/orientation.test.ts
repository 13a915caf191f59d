import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { buildClip } from '../../../src/clip/build_clip.js';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import { splitClasses } from '../../../src/data/class_split.js';
import type { Example } from '../../../src/data/dataset.js';
import type { Orientation, Picture } from '../../../src/data/picture.js';
import type { PictureLoader } from '../../../src/data/picture_loader.js';
import { predictExamples } from '../../../src/evaluation/predict_examples.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { classifyPictures } from '../../../src/node/classify_pictures.js';
import { readImageFolder } from '../../../src/node/image_folder.js';
import { readPictureData } from '../../../src/node/picture_data.js';
import { openPictureLoader } from '../../../src/node/picture_loader.js';
import { readPicture } from '../../../src/node/pictures.js';
import { readTrainData } from '../../../src/node/train_data.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { Random } from '../../../src/random.js';
import { keepPictures } from '../../../src/study/kept_pictures.js';
import { pictureBatches } from '../../../src/training/batches.js';
import { bundledWorker } from '../../helpers/bundled_worker.js';
import { command } from '../../helpers/command.js';
import { writeCommandFiles } from '../../helpers/command_files.js';
import { ownFixturePath } from '../../helpers/fixtures.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const RULES: readonly Orientation[] = ['ignore', 'apply'];
/** Quarter turns change the size, so that the rule shows in it. */
const TURNED = ['orientation-5.jpg', 'orientation-6.jpg', 'orientation-7.jpg', 'orientation-8.jpg'];

let folder: string;
let photos: string;
let worker: Awaited<ReturnType<typeof bundledWorker>>;
let loader: PictureLoader;

beforeAll(async () => {
  await chooseBackend('wasm');
  folder = await mkdtemp(join(tmpdir(), 'orientation-'));
  photos = join(folder, 'photos');
  for (const name of ['cat', 'dog']) {
    await mkdir(join(photos, name), { recursive: true });
    for (const file of TURNED) {
      await copyFile(ownFixturePath('pictures', file), join(photos, name, file));
    }
  }
  await writeFile(
    join(folder, 'list.csv'),
    'path,label\nphotos/cat/orientation-6.jpg,cat\nphotos/dog/orientation-8.jpg,dog\n',
  );
  worker = await bundledWorker();
  loader = openPictureLoader({ threads: 2, module: worker.module });
});
afterAll(async () => {
  await loader.close();
  await rm(folder, { recursive: true, force: true });
  await rm(fileURLToPath(worker.module), { force: true });
});

async function pixelsOf(examples: readonly Example[], beside?: PictureLoader): Promise<number[]> {
  const batches = pictureBatches({
    examples,
    classCount: 2,
    batchSize: examples.length,
    imageSize: 24,
    statistics: CLIP_IMAGE_STATISTICS,
    transform: { kind: 'augment', size: 24 },
    random: new Random(3),
    loader: beside,
  });
  const { xs, ys } = (await (await batches.iterator()).next()).value;
  const pixels = Array.from(xs.dataSync() as Float32Array);
  xs.dispose();
  ys.dispose();
  return pixels;
}

describe('orientation', () => {
  test.each(RULES)('%s: whatever reads a data set hands the rule on', async (orientation) => {
    const options = { split: { test: 0.25 }, orientation };
    const data = await readPictureData(photos, options);
    const trained = await readTrainData(photos, { ...options, shots: 2, seed: 1, testShare: 0.25, validationShare: 0 });
    const kept = keepPictures({ name: 'p', datasets: ['p'], source: 'p', domains: [], load: async () => data });
    const examples = [
      ...(await readImageFolder(photos, { orientation })).examples,
      ...(await readPictureData(join(folder, 'list.csv'), options)).train,
      ...data.train,
      ...data.test,
      ...trained.dataset.train,
      ...splitClasses(data).new.test,
      ...(await kept.load('p', { seed: 1, shots: 1 })).train,
    ];
    expect(examples.length).toBeGreaterThan(20);
    for (const example of examples) {
      expect(example.orientation).toBe(orientation);
      expect(await example.load()).toEqual(await readPicture(example.path as string, { orientation }));
    }
  });

  test('threads turn pictures as this thread does, in training and in tests', async () => {
    const said: Picture[][] = [];
    const pixels: number[][] = [];
    const backbone = await tinyBackbone();
    const design = promptDesign('zeroShot', backbone.config);
    const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design });
    const probabilities: number[][] = [];
    for (const orientation of RULES) {
      const { examples } = await readImageFolder(photos, { orientation });
      for (const beside of [undefined, loader]) {
        pixels.push(await pixelsOf(examples, beside));
        const answers: number[] = [];
        for await (const answer of predictExamples(model, examples, { loader: beside })) {
          answers.push(...('probabilities' in answer ? answer.probabilities : []));
        }
        probabilities.push(answers);
      }
      said.push(await Promise.all(examples.map(({ load }) => load())));
    }
    expect(pixels[1]).toEqual(pixels[0]);
    expect(pixels[3]).toEqual(pixels[2]);
    expect(pixels[2]).not.toEqual(pixels[0]);
    expect(probabilities[1]).toEqual(probabilities[0]);
    expect(probabilities[3]).toEqual(probabilities[2]);
    expect(probabilities[2]).not.toEqual(probabilities[0]);
    expect(said[1].map(({ width }) => width)).toEqual(said[0].map(({ height }) => height));

    const paths = TURNED.map((file) => join(photos, 'cat', file));
    const answersOf = async (orientation: Orientation, beside?: PictureLoader) =>
      (await classifyPictures(model, paths, { orientation, loader: beside })).classified;
    expect(await answersOf('apply', loader)).toEqual(await answersOf('apply'));
    expect(await answersOf('apply')).not.toEqual(await answersOf('ignore'));
    model.dispose();
  });

  test('a rule that there is none of is refused before anything is read', async () => {
    const orientation = 'upright' as Orientation;
    const message = "`orientation` must be 'ignore' or 'apply'. Received: \"upright\".";
    await expect(readImageFolder('nowhere', { orientation })).rejects.toThrow(message);
    await expect(readPictureData('nowhere', { orientation })).rejects.toThrow(message);
    const { code, stderr } = await command('predict', 'nowhere', photos, '--orientation', 'upright');
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are ignore, apply');
  });

  test('predict, zero-shot and evaluate turn photos as upright copies of them stand', async () => {
    const files = join(folder, 'command');
    await writeCommandFiles(files);
    const upright = join(folder, 'upright');
    for (const name of ['cat', 'dog']) {
      await mkdir(join(upright, name), { recursive: true });
      for (const file of TURNED) {
        const path = join(photos, name, file);
        const { width, height, data } = await readPicture(path, { orientation: 'apply' });
        await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(upright, name, `${file}.png`));
      }
    }
    const run = join(files, 'run');
    const backbone = ['--backbone', join(files, 'clip'), '--backend', 'wasm'];
    const figures = async (from: string, ...args: string[]) => {
      const on = async (name: string, ...words: string[]) => {
        const { stdout } = await command(name, ...words, ...backbone, '--json', ...args);
        const { pictures, said } = JSON.parse(stdout) as { pictures: { answers: object }[]; said?: number[] };
        return said ?? pictures.map(({ answers }) => answers);
      };
      return [
        await on('predict', run, join(from, 'cat')),
        await on('zero-shot', join(from, 'cat'), '--classes', 'cat,dog'),
        await on('evaluate', run, from),
      ];
    };
    const expected = await figures(upright);
    expect(await figures(photos, '--orientation', 'apply')).toEqual(expected);
    expect(await figures(photos)).not.toEqual(expected);
  });
});
