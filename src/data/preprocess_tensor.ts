import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import { CLIP_IMAGE_STATISTICS, type ImageStatistics } from '../clip/config.js';
import { completeResizing } from '../clip/image_statistics.js';
import { filterTaps, PRECISION, tapRange, type Taps } from './filter_taps.js';
import { testGeometry } from './preprocess.js';
import { isShortenedFirst } from './resize.js';

/** Decoded pixels, as a browser's ImageData or a {@link Picture} holds them: 8-bit RGBA or RGB, row by row. */
export interface PixelData {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/**
 * A weight is cut into parts of so many bits. All sums of a product are then whole numbers below 2^24 (up to 256 pixels a
 * sum), which float32 holds exactly in whatever order they are added, and no factor has more than 8 bits.
 */
const PART_BITS = 8;
const PARTS = 3;

/**
 * The preprocessing of test pictures by tensor operations alone, for browsers: a square of the model's size, by the
 * filter and the fit of its statistics, normalised. By default CLIP's: the short side to `size`, bicubic and antialiased,
 * the square in the centre. Resizing is two matrix products and equals Pillow's to the last bit on backends that compute
 * in float32.
 *
 * ```ts no-run
 * const picture = await createImageBitmap(file, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
 * const { config, imageStatistics } = modelMetadata(model);
 * const images = preprocessTensor(tf.browser.fromPixels(picture), config.vision.imageSize, imageStatistics);
 * const logits = model.predict(images);
 * ```
 * @param pixels - `[height, width, 3]` of 0 to 255, as tf.browser.fromPixels gives, or decoded pixels; a fourth channel,
 * transparency, is dropped
 * @param size - side of the result, in pixels: the model's image size
 * @param statistics - the model's, default CLIP's
 * @returns `[1, size, size, 3]`
 * @throws MapleError for another shape, a size that is not a positive integer, or another fit or filter than there are
 */
export function preprocessTensor(
  pixels: tf.Tensor3D | PixelData,
  size: number,
  statistics: ImageStatistics = CLIP_IMAGE_STATISTICS,
): tf.Tensor4D {
  if (!Number.isInteger(size) || size < 1) {
    throw new MapleError(`\`size\` must be a positive integer. Received: ${shown(size)}.`);
  }
  const { filter } = completeResizing(statistics);
  return tf.tidy(() => {
    const source = colours(pixels);
    const [height, width] = source.shape;
    const to = testGeometry({ width, height }, size, statistics);
    const across = filterTaps(filter, width, to.width, to.left, size);
    const down = filterTaps(filter, height, to.height, to.top, size);
    // Columns and rows that have no part in the square are left out.
    const [[left, right], [top, bottom]] = [tapRange(across), tapRange(down)];
    const part = tf.cast<tf.Tensor3D>(tf.slice(source, [top, left, 0], [bottom - top, right - left, 3]), 'float32');
    const narrow = (rows: tf.Tensor3D): tf.Tensor3D => turned(resizeAxis(turned(rows), across, left));
    const shorten = (columns: tf.Tensor3D): tf.Tensor3D => resizeAxis(columns, down, top);
    const square = isShortenedFirst({ width, height }, to) ? narrow(shorten(part)) : shorten(narrow(part));
    const mean = tf.tensor1d(statistics.mean.map((value) => value * 255));
    const deviation = tf.tensor1d(statistics.deviation.map((value) => value * 255));
    return tf.expandDims<tf.Tensor4D>(tf.div(tf.sub(square, mean), deviation), 0);
  });
}

function colours(pixels: tf.Tensor3D | PixelData): tf.Tensor3D {
  if (!(pixels instanceof tf.Tensor)) {
    const { width, height, data } = pixels;
    const channels = data.length / (width * height);
    if (channels !== 3 && channels !== 4) {
      throw new MapleError(
        '`pixels` must hold 3 or 4 values a pixel. ' +
          `Received: ${data.length} values for ${width} x ${height} pixels.`,
      );
    }
    return colours(tf.tensor3d(Int32Array.from(data), [height, width, channels], 'int32'));
  }
  const [height, width, channels] = pixels.shape;
  if (pixels.rank !== 3 || height < 1 || width < 1 || (channels !== 3 && channels !== 4)) {
    throw new MapleError(
      '`pixels` must be of shape [height, width, 3], or 4 with transparency. ' +
        `Received: [${(pixels as tf.Tensor).shape.join(', ')}].`,
    );
  }
  return tf.slice(pixels, [0, 0, 0], [height, width, 3]);
}

/** Rows as columns. */
function turned(picture: tf.Tensor3D): tf.Tensor3D {
  return tf.transpose(picture, [1, 0, 2]);
}

/**
 * Resizes the first axis of whole numbers 0 to 255 and rounds to such.
 * @param source - `[part of the source's length, other, 3]`
 * @param start - where in the source that part begins
 */
function resizeAxis(source: tf.Tensor3D, taps: Taps, start: number): tf.Tensor3D {
  const [length, other, channels] = source.shape;
  const flat = tf.reshape(source, [length, other * channels]);
  const sums = weightParts(taps, start, length).map((weights) => tf.matMul(weights, flat));
  // The sum of sums[part] * 2^(8 * part), shifted right by 22 bits after half a unit was added: carried part by part.
  const top = 2 ** (PRECISION - PART_BITS * (PARTS - 1));
  const carried = sums
    .slice(0, -1)
    .reduce<tf.Tensor>((carry, sum) => tf.floor(tf.div(tf.add(carry, sum), 2 ** PART_BITS)), tf.scalar(0));
  const rounded = tf.floor(tf.div(tf.add(tf.add(carried, sums[PARTS - 1]), top / 2), top));
  return tf.reshape(tf.clipByValue(rounded, 0, 255), [taps.first.length, other, channels]);
}

/** The taps as dense matrices `[result, source]`, weight = sum of part * 2^(8 * index of the part). */
function weightParts(taps: Taps, start: number, length: number): tf.Tensor2D[] {
  const rows = taps.first.length;
  const parts = Array.from({ length: PARTS }, () => new Float32Array(rows * length));
  for (let row = 0; row < rows; row++) {
    for (let tap = 0; tap < taps.count[row]; tap++) {
      const at = row * length + taps.first[row] - start + tap;
      let rest = taps.weights[row * taps.reach + tap];
      for (let part = 0; part < PARTS; part++) {
        // Rounded, so that the parts are small numbers of either sign; the last takes what is left.
        const next = part === PARTS - 1 ? 0 : Math.round(rest / 2 ** PART_BITS);
        parts[part][at] = rest - next * 2 ** PART_BITS;
        rest = next;
      }
    }
  }
  return parts.map((values) => tf.tensor2d(values, [rows, length]));
}
