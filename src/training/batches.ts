import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { ImageStatistics } from '../clip/config.js';
import type { Example } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { transformFor, transformPicture, type PictureTransform } from '../data/picture_transform.js';
import { toFloat } from '../data/preprocess.js';
import type { Random } from '../random.js';
import { mustHold } from '../must_hold.js';

/** Settings of {@link pictureBatches}. */
export interface PictureBatchesArgs {
  examples: readonly Example[];
  /** Number of classes: the width of the one-hot labels. */
  classCount: number;
  batchSize: number;
  /** Side of the model's square input, in pixels. */
  imageSize: number;
  /** The model's. */
  statistics: ImageStatistics;
  /**
   * Turns a loaded picture into one of `imageSize`: augmentation in training, resizing in tests. Its random
   * stream depends on the seed, the epoch and the example alone. What is data takes fit and filter from the statistics.
   */
  transform: PictureTransform | ((picture: Picture, random: Random) => Picture | Promise<Picture>);
  /**
   * Reads and transforms the examples that are files on other threads; `transform` must be data then, since a function
   * cannot go there. Default: all is done on this thread.
   */
  loader?: PictureLoader;
  /** Where the order of examples and the transforms' randomness come from. */
  random: Random;
  /** A new order each epoch. Defaults to true. */
  shuffle?: boolean;
  /** Leaves out the last short batch of an epoch, unless it is the only one. Defaults to true. */
  dropRemainder?: boolean;
  /**
   * Batches that are loaded ahead while one is trained on. Defaults to 1; with a loader to 2, or as many as hold two
   * pictures a thread.
   */
  prefetch?: number;
  /** The epoch that the first pass is; give a resumed run its `initialEpoch`. Defaults to 0. */
  firstEpoch?: number;
  /** Batches of that pass that are left out, as a run that stopped within an epoch has had them. Defaults to 0. */
  firstBatch?: number;
}

const ARGS: SettingNames<PictureBatchesArgs> = {
  examples: true,
  classCount: true,
  batchSize: true,
  imageSize: true,
  statistics: true,
  transform: true,
  loader: true,
  random: true,
  shuffle: true,
  dropRemainder: true,
  prefetch: true,
  firstEpoch: true,
  firstBatch: true,
};

/** One pass over the pictures, a batch at a time. */
export interface PictureBatchIterator {
  /** The next batch, or `done`. */
  next(): Promise<IteratorResult<PictureBatch>>;
}

/** One batch: pictures [B, H, W, 3], normalised, and one-hot labels [B, classes]. Whoever takes it disposes it. */
export type PictureBatch = { xs: tf.Tensor4D; ys: tf.Tensor2D };

/** A batch before it is a tensor, so that one that nobody takes need not be disposed. */
interface LoadedBatch {
  pixels: Float32Array;
  labels: number[];
}

/**
 * Pictures in batches, in the form that `model.fitDataset` and `model.evaluateDataset` take. Each pass over it is one
 * epoch, in an order of its own that the seed determines.
 *
 * ```js
 * await model.fitDataset(pictureBatches({ examples, batchSize: 4, ... }), { epochs: 5 });
 * ```
 * @throws MapleError for a setting out of its range, or a label that is not among the classes
 */
export function pictureBatches(args: PictureBatchesArgs): PictureBatches {
  return new PictureBatches(args);
}

/** See {@link pictureBatches}. */
export class PictureBatches {
  /** Number of batches an epoch. */
  readonly size: number;
  private epoch: number;
  private readonly prefetch: number;
  private readonly transform: PictureBatchesArgs['transform'];

  constructor(private readonly args: PictureBatchesArgs) {
    checkKnown('pictureBatches', args, ARGS);
    const { examples, classCount, batchSize, imageSize, firstEpoch = 0, firstBatch = 0, loader } = args;
    const prefetch =
      args.prefetch ?? (loader === undefined ? 1 : Math.max(2, Math.ceil((2 * loader.threads) / batchSize)));
    for (const [name, value] of Object.entries({ classCount, batchSize, imageSize })) {
      mustHold(name, value, Number.isInteger(value) && value > 0, 'a positive integer');
    }
    mustHold('prefetch', prefetch, Number.isInteger(prefetch) && prefetch >= 0, 'an integer of 0 or more');
    mustHold('firstEpoch', firstEpoch, Number.isInteger(firstEpoch) && firstEpoch >= 0, 'an integer of 0 or more');
    const movable = loader === undefined || typeof args.transform !== 'function';
    mustHold('transform', args.transform, movable, "data such as { kind: 'test', size: 224 } where there is a loader");
    mustHold('examples', examples, examples.length > 0, 'at least one example');
    for (const { name, label } of examples) {
      const known = Number.isInteger(label) && label >= 0 && label < classCount;
      mustHold(`label of ${name}`, label, known, `a class index from 0 to ${classCount - 1}`);
    }
    const drop = (args.dropRemainder ?? true) && examples.length > batchSize;
    this.size = drop ? Math.floor(examples.length / batchSize) : Math.ceil(examples.length / batchSize);
    mustHold(
      'firstBatch',
      firstBatch,
      Number.isInteger(firstBatch) && firstBatch >= 0 && firstBatch < this.size,
      `a batch from 0 to ${this.size - 1}`,
    );
    const { transform, statistics } = args;
    this.transform = typeof transform === 'function' ? transform : transformFor(transform, statistics);
    this.epoch = firstEpoch;
    this.prefetch = prefetch;
  }

  /** One pass. It becomes the next epoch at the first `next`: `fitDataset` asks for one iterator that it never uses. */
  async iterator(): Promise<PictureBatchIterator> {
    const ahead: Promise<LoadedBatch>[] = [];
    let plan: (() => Promise<LoadedBatch>)[] | undefined;
    const loadUpTo = (count: number): void => {
      while (ahead.length < count && plan !== undefined && plan.length > 0) {
        const batch = (plan.shift() as () => Promise<LoadedBatch>)();
        // Reported when the batch is asked for; until then it must not count as unhandled.
        batch.catch(() => undefined);
        ahead.push(batch);
      }
    };
    const next = async (): Promise<IteratorResult<PictureBatch>> => {
      plan ??= this.planEpoch(this.epoch++);
      loadUpTo(1);
      const batch = await ahead.shift();
      if (batch === undefined) {
        return { value: undefined, done: true };
      }
      loadUpTo(this.prefetch);
      return { value: this.toTensors(batch), done: false };
    };
    return { next };
  }

  /** The loaders of an epoch's batches, in order. */
  private planEpoch(epoch: number): (() => Promise<LoadedBatch>)[] {
    const { examples, batchSize, random, shuffle = true, firstEpoch = 0, firstBatch = 0 } = this.args;
    const first = epoch === firstEpoch ? firstBatch : 0;
    const indices = examples.map((_, index) => index);
    const order = shuffle ? random.fork('order', epoch).shuffle(indices) : indices;
    return Array.from({ length: this.size - first }, (_, index) => {
      const batch = first + index;
      const members = order.slice(batch * batchSize, (batch + 1) * batchSize);
      return () => this.load(members, epoch);
    });
  }

  private async load(members: readonly number[], epoch: number): Promise<LoadedBatch> {
    const { examples, random, statistics } = this.args;
    const pictures = await Promise.all(
      members.map(async (index) => {
        const picture = await this.transformed(examples[index], random.fork('transform', epoch, index));
        this.checkSize(picture, examples[index].name);
        return picture;
      }),
    );
    return { pixels: toFloat(pictures, statistics), labels: members.map((index) => examples[index].label) };
  }

  private async transformed(example: Example, random: Random): Promise<Picture> {
    const { loader } = this.args;
    const { transform } = this;
    if (typeof transform === 'function') {
      return transform(await example.load(), random);
    }
    return loader !== undefined && example.path !== undefined
      ? loader.load(example.path, transform, random.seed, example.orientation)
      : transformPicture(await example.load(), transform, random);
  }

  private checkSize({ width, height, data }: Picture, name: string): void {
    const { imageSize } = this.args;
    if (width !== imageSize || height !== imageSize || data.length !== width * height * 3) {
      throw new MapleError(
        `\`transform\` must return pictures of ${imageSize} x ${imageSize} pixels, red, green and blue. ` +
          `Received: ${width} x ${height} with ${data.length} values for ${name}.`,
      );
    }
  }

  private toTensors({ pixels, labels }: LoadedBatch): PictureBatch {
    const { imageSize, classCount } = this.args;
    // Not tf.oneHot, which refuses a single class.
    const oneHot = new Float32Array(labels.length * classCount);
    labels.forEach((label, row) => oneHot.fill(1, row * classCount + label, row * classCount + label + 1));
    return {
      xs: tf.tensor4d(pixels, [labels.length, imageSize, imageSize, 3]),
      ys: tf.tensor2d(oneHot, [labels.length, classCount]),
    };
  }
}
