import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs-core';
import {
  buildClip,
  clipConfigs,
  crossEntropy,
  pictureBatches,
  promptDesign,
  promptSgd,
  Random,
  resize,
} from '../dist/src/index.js';
import { modelMetadata } from '../dist/src/backbone/model_metadata.js';
import { randomBackbone } from '../dist/src/node/random_backbone.js';
import { chooseBackend, loadBackbone, openPictureLoader, readPictureData } from '../dist/src/node/index.js';

const CLASSES = 16;
const BACKBONE = fileURLToPath(new URL('../assets/emoji-clip', import.meta.url));

/**
 * An epoch of MaPLe, with the shipped CLIP or random weights of another's shape, on generated JPEGs: pictures read by the training's own thread, by a loader, and
 * kept in memory, in turns. Of each the epoch's seconds and how long training waited for pictures.
 */
export async function benchLoading({ pictures, width, height, batch, shape, threads, repeats, backend }) {
  const { description } = await chooseBackend(backend);
  console.log(description);
  const folder = await mkdtemp(join(tmpdir(), 'bench-loading-'));
  const loader = openPictureLoader({ threads });
  try {
    await writePhotographs(folder, { pictures, width, height });
    const { classNames, train } = await readPictureData(join(folder, 'train'), { split: { test: 0 } });
    const trainEpoch = await trainerOf(classNames, batch, shape);
    const ways = {
      'on this thread': { examples: train },
      [`a loader of ${loader.threads}`]: { examples: train, loader },
      'in memory': { examples: await inMemory(train) },
    };
    const figures = new Map(Object.keys(ways).map((way) => [way, []]));
    for (let repeat = 0; repeat <= repeats; repeat++) {
      for (const [way, args] of Object.entries(ways)) {
        const figure = await trainEpoch(args);
        if (repeat > 0) {
          figures.get(way).push(figure);
        }
      }
    }
    for (const [way, of] of figures) {
      const epoch = median(of.map(({ seconds }) => seconds));
      const waited = median(of.map(({ waited }) => waited));
      console.log(
        `${way}: an epoch ${epoch.toFixed(2)} s, of it ${waited.toFixed(2)} s waiting for pictures ` +
          `(${((100 * waited) / epoch).toFixed(0)}%)`,
      );
    }
  } finally {
    await loader.close();
    await rm(folder, { recursive: true });
  }
}

/** Noise over gradients, which takes a decoder as long as a photograph. */
async function writePhotographs(folder, { pictures, width, height }) {
  for (let index = 0; index < pictures; index++) {
    const data = new Uint8Array(width * height * 3);
    for (let at = 0, state = index + 1; at < data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      data[at] = 64 + ((at / 3 / width) % 128) + (state >>> 28);
    }
    const below = join(folder, 'train', `class ${index % CLASSES}`);
    await mkdir(below, { recursive: true });
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(below, `${index}.jpg`), jpeg);
  }
}

/** Trains an epoch and tells its seconds, and those between asking for a batch and having it. */
async function trainerOf(classNames, batchSize, shape) {
  const backbone =
    shape === undefined ? await loadBackbone(BACKBONE) : await randomBackbone(clipConfigs[shape], 'random');
  const model = await buildClip(backbone, { classNames, design: promptDesign('maple', backbone.config) });
  const { config, imageStatistics: statistics } = modelMetadata(model);
  const imageSize = config.vision.imageSize;
  model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
  return async (args) => {
    const transform = { kind: 'augment', size: imageSize };
    const settings = { classCount: classNames.length, batchSize, imageSize, statistics, random: new Random(1) };
    const iterator = await pictureBatches({ ...settings, transform, ...args }).iterator();
    const start = performance.now();
    let waited = 0;
    for (;;) {
      const asked = performance.now();
      const { value, done } = await iterator.next();
      waited += performance.now() - asked;
      if (done) {
        return { seconds: (performance.now() - start) / 1000, waited: waited / 1000 };
      }
      await model.trainOnBatch(value.xs, value.ys);
      tf.dispose([value.xs, value.ys]);
    }
  };
}

/** Small pictures, so that what is left is the training. */
async function inMemory(examples) {
  return Promise.all(
    examples.map(async ({ label, name, load }) => {
      const picture = resize(await load(), 256, 256);
      return { label, name, load: async () => picture };
    }),
  );
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
