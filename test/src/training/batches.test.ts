import { afterEach, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import { CLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import type { Example } from '../../../src/data/dataset.js';
import { transformPicture, type PictureTransform } from '../../../src/data/picture_transform.js';
import { Random } from '../../../src/random.js';
import { pictureBatches, type PictureBatch, type PictureBatchesArgs } from '../../../src/training/batches.js';

const SIZE = 2;

/** Example i is grey of value 10 i, so that a batch tells which examples it holds. */
function example(index: number): Example {
  return {
    label: index % 3,
    name: `picture ${index}`,
    load: async () => ({ width: SIZE, height: SIZE, data: new Uint8Array(SIZE * SIZE * 3).fill(10 * index) }),
  };
}

function batches(change: Partial<PictureBatchesArgs> = {}) {
  return pictureBatches({
    examples: Array.from({ length: 7 }, (_, index) => example(index)),
    classCount: 3,
    batchSize: 2,
    imageSize: SIZE,
    statistics: { mean: [0, 0, 0], deviation: [1, 1, 1] },
    transform: (picture) => picture,
    random: new Random(1),
    ...change,
  });
}

/** The examples of one pass, a list a batch, disposing as fitDataset does. */
async function pass(dataset: ReturnType<typeof batches>): Promise<number[][]> {
  const iterator = await dataset.iterator();
  const result: number[][] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { xs, ys } = next.value as PictureBatch;
    const indices = (xs.arraySync() as number[][][][]).map((picture) => Math.round((picture[0][0][0] * 255) / 10));
    expect(ys.arraySync()).toEqual(indices.map((index) => [0, 1, 2].map((label) => Number(label === index % 3))));
    expect(xs.shape).toEqual([indices.length, SIZE, SIZE, 3]);
    tf.dispose([xs, ys]);
    result.push(indices);
  }
  return result;
}

function tinyModel() {
  const model = tfl.sequential();
  model.add(tfl.layers.flatten({ inputShape: [SIZE, SIZE, 3] }));
  model.add(tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: 'zeros' }));
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

afterEach(() => tf.disposeVariables());

describe('pictureBatches', () => {
  test.each([
    { kind: 'test', size: SIZE },
    { kind: 'augment', size: SIZE },
  ] as const)('takes fit and filter of $kind from the statistics', async (transform) => {
    const data = Uint8Array.from({ length: 90 * 50 * 3 }, (_, at) => (at * 83) % 256);
    const picture = { width: 90, height: 50, data };
    const random = new Random(1);
    const made = async (resizing: object): Promise<number[]> => {
      const statistics = { mean: [0, 0, 0], deviation: [1, 1, 1], ...resizing } as PictureBatchesArgs['statistics'];
      const examples = [{ label: 0, name: 'one', load: async () => picture }];
      const batch = await (await batches({ examples, statistics, transform, random }).iterator()).next();
      const { xs, ys } = batch.value as PictureBatch;
      const values = Array.from(xs.dataSync(), (value) => Math.round(value * 255));
      tf.dispose([xs, ys]);
      return values;
    };
    const expected = (resizing: { fit?: string; filter?: string }): number[] => {
      const stream = random.fork('transform', 0, 0);
      // A crop's shape is random, so that a fit has no say in it.
      const told = transform.kind === 'test' ? resizing : { filter: resizing.filter };
      return Array.from(transformPicture(picture, { ...transform, ...told } as PictureTransform, stream).data);
    };
    for (const resizing of [{}, { filter: 'bilinear' }, { fit: 'squash' }, { fit: 'squash', filter: 'bilinear' }]) {
      expect([resizing, await made(resizing)]).toEqual([resizing, expected(resizing)]);
    }
    expect(expected({ filter: 'bilinear' })).not.toEqual(expected({}));
  });

  test('every pass is a new order, which the seed determines', async () => {
    const [first, again, other] = [batches(), batches(), batches({ random: new Random(2) })];
    const epochs = [await pass(first), await pass(first)];
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect([await pass(again), await pass(again)]).toEqual(epochs);
    expect(await pass(other)).not.toEqual(epochs[0]);
    expect(await pass(batches({ firstEpoch: 1 }))).toEqual(epochs[1]);
  });

  test('can begin within an epoch, and goes on with the next one whole', async () => {
    const whole = batches();
    const [, second, third] = [await pass(whole), await pass(whole), await pass(whole)];
    const resumed = batches({ firstEpoch: 1, firstBatch: 2 });
    expect([await pass(resumed), await pass(resumed)]).toEqual([second.slice(2), third]);
  });

  test('labels a single class too, as the smaller half of three classes is', async () => {
    const one = batches({ examples: [example(0), example(3)], classCount: 1 });
    const { value } = await (await one.iterator()).next();
    expect((value as PictureBatch).ys.arraySync()).toEqual([[1], [1]]);
    tf.dispose(value as PictureBatch);
  });

  test('drops the last short batch, or keeps it', async () => {
    expect((await pass(batches())).map((batch) => batch.length)).toEqual([2, 2, 2]);
    expect(await pass(batches({ dropRemainder: false, shuffle: false }))).toEqual([[0, 1], [2, 3], [4, 5], [6]]);
    expect([batches().size, batches({ dropRemainder: false }).size]).toEqual([3, 4]);
    expect((await pass(batches({ batchSize: 10 })))[0]).toHaveLength(7);
  });

  test('normalises red, green and blue by their own statistics', async () => {
    const data = Uint8Array.from({ length: 12 }, (_, index) => index * 20);
    const examples = [{ label: 0, name: 'colours', load: async () => ({ width: 2, height: 2, data }) }];
    const iterator = await batches({ examples, statistics: CLIP_IMAGE_STATISTICS }).iterator();
    const { xs } = (await iterator.next()).value as PictureBatch;
    const { mean, deviation } = CLIP_IMAGE_STATISTICS;
    [...xs.dataSync()].forEach((value, index) =>
      expect(value).toBeCloseTo(((index * 20) / 255 - mean[index % 3]) / deviation[index % 3], 5),
    );
  });

  test('transforms get a stream that the seed, epoch and example determine', async () => {
    const drawn = async (seed: number, prefetch: number) => {
      const draws: number[] = [];
      const dataset = batches({
        random: new Random(seed),
        prefetch,
        transform: (picture, random) => {
          draws.push(random.uniform());
          return picture;
        },
      });
      await pass(dataset);
      await pass(dataset);
      return draws;
    };
    const draws = await drawn(1, 0);
    expect(new Set(draws).size).toBe(12);
    expect(await drawn(1, 2)).toEqual(draws);
    expect(await drawn(2, 1)).not.toEqual(draws);
  });

  test('loads the next batch while one is in use', async () => {
    let loaded = 0;
    const count = (picture: Awaited<ReturnType<Example['load']>>) => {
      loaded++;
      return picture;
    };
    const iterator = await batches({ transform: count }).iterator();
    expect(loaded).toBe(0);
    tf.dispose((await iterator.next()).value);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(loaded).toBe(4);
    const eager = await batches({ transform: count, prefetch: 0 }).iterator();
    tf.dispose((await eager.next()).value);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(loaded).toBe(6);
  });

  test('fitDataset trains on every epoch from the first, the same from the same seed, and leaks nothing', async () => {
    const orders: number[][] = [];
    const run = async () => {
      const order: number[] = [];
      orders.push(order);
      const examples = Array.from({ length: 7 }, (_, index) => ({
        ...example(index),
        load: () => {
          order.push(index);
          return example(index).load();
        },
      }));
      const model = tinyModel();
      const train = () => model.fitDataset(batches({ examples }), { epochs: 2, verbose: 0 });
      const history = await train();
      const before = tf.memory().numTensors;
      await train();
      tf.dispose(await model.evaluateDataset(batches({ dropRemainder: false }), {}));
      return { before, after: tf.memory().numTensors, loss: history.history.loss };
    };
    const [first, second] = [await run(), await run()];
    expect(first.after).toBe(first.before);
    expect(second.loss).toEqual(first.loss);
    expect(first.loss).toHaveLength(2);
    expect(orders[0].slice(0, 6)).toEqual((await pass(batches())).flat());
    expect(orders[1]).toEqual(orders[0]);
  });

  test('an error while loading ahead reaches fitDataset, not the process', async () => {
    const examples = Array.from({ length: 6 }, (_, index) =>
      index < 4
        ? example(index)
        : { ...example(index), load: () => Promise.reject(new MapleError(`no picture ${index}`)) },
    );
    const model = tinyModel();
    const before = tf.memory().numTensors;
    const trained: number[] = [];
    await expect(
      model.fitDataset(batches({ examples, shuffle: false }), {
        epochs: 1,
        verbose: 0,
        callbacks: {
          onBatchEnd: async (batch) => {
            trained.push(batch);
            await new Promise((resolve) => setTimeout(resolve, 5));
          },
        },
      }),
    ).rejects.toThrow(new MapleError('no picture 4'));
    expect(trained).toEqual([0, 1]);
    // What tfjs itself holds until the end of an epoch: the totals of loss and accuracy.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(2);
  });

  test.each<[Partial<PictureBatchesArgs>, string]>([
    [{ batchSize: 0 }, '`batchSize` must be a positive integer. Received: 0.'],
    [{ imageSize: 2.5 }, '`imageSize` must be a positive integer. Received: 2.5.'],
    [{ firstBatch: 3 }, '`firstBatch` must be a batch from 0 to 2. Received: 3.'],
    [{ prefetch: -1 }, '`prefetch` must be an integer of 0 or more. Received: -1.'],
    [{ examples: [] }, '`examples` must be at least one example. Received: none.'],
    [{ classCount: 2 }, '`label of picture 2` must be a class index from 0 to 1. Received: 2.'],
  ])('refuses %o', (change, message) => {
    expect(() => batches(change)).toThrow(new MapleError(message));
  });

  test('refuses a transform that returns another size', async () => {
    const iterator = await batches({ imageSize: 4, shuffle: false }).iterator();
    await expect(iterator.next()).rejects.toThrow(
      new MapleError(
        '`transform` must return pictures of 4 x 4 pixels, red, green and blue. Received: 2 x 2 with 12 values for picture 0.',
      ),
    );
  });
});
