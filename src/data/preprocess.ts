import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics } from '../clip/config.js';
import { completeResizing, type Resizing } from '../clip/image_statistics.js';
import type { Picture } from './picture.js';
import { resizeWindow } from './resize.js';
import { roundHalfEven } from './round_half_even.js';

/** How a picture is brought to a square: the size it is resized to, and where the square lies in that. */
export interface TestGeometry {
  width: number;
  height: number;
  left: number;
  top: number;
}

/**
 * The preprocessing of test pictures: a square of the model's size, by the filter and the fit of its statistics. By
 * default CLIP's: the short side to `size`, bicubic, then the square in the centre.
 *
 * ```ts no-run
 * const { config, imageStatistics } = modelMetadata(model);
 * const square = testTransform(picture, config.vision.imageSize, imageStatistics);
 * ```
 * @param size - side of the result, in pixels: the model's image size
 * @param statistics - the model's, of which `fit` and `filter` are read
 * @throws MapleError for a size that is not a positive integer, or another fit or filter than there are
 */
export function testTransform(
  picture: Picture,
  size: number,
  statistics: Pick<ImageStatistics, 'fit' | 'filter'> = {},
): Picture {
  const { width, height, left, top } = testGeometry(picture, size, statistics);
  return resizeWindow(picture, width, height, { left, top, width: size, height: size }, statistics.filter);
}

/** To `crop`, the numbers of torchvision's Resize(size) and CenterCrop(size); to `squash`, of Resize((size, size)). */
export function testGeometry(
  { width, height }: { width: number; height: number },
  size: number,
  resizing: Resizing,
): TestGeometry {
  if (completeResizing(resizing).fit === 'squash') {
    return { width: size, height: size, left: 0, top: 0 };
  }
  const long = Math.trunc((size * Math.max(width, height)) / Math.min(width, height));
  const resized = width <= height ? { width: size, height: long } : { width: long, height: size };
  return {
    ...resized,
    left: roundHalfEven((resized.width - size) / 2),
    top: roundHalfEven((resized.height - size) / 2),
  };
}

/**
 * Pictures as a model takes them: (value / 255 - mean) / deviation for each channel.
 * @param pictures - all of one size
 * @returns `[pictures, height, width, 3]`, row by row
 * @throws MapleError when the sizes differ
 */
export function toFloat(pictures: readonly Picture[], { mean, deviation }: ImageStatistics): Float32Array {
  const length = pictures.length === 0 ? 0 : pictures[0].data.length;
  const values = new Float32Array(pictures.length * length);
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => -value / deviation[channel]);
  for (const [index, picture] of pictures.entries()) {
    if (picture.width !== pictures[0].width || picture.height !== pictures[0].height) {
      throw new MapleError(
        `All \`pictures\` must have one size. Received: picture 0 is ${pictures[0].width} x ${pictures[0].height}, ` +
          `picture ${index} is ${picture.width} x ${picture.height}. Resize them first (testTransform).`,
      );
    }
    for (let at = 0, to = index * length; at < length; at += 3, to += 3) {
      values[to] = picture.data[at] * scale[0] + shift[0];
      values[to + 1] = picture.data[at + 1] * scale[1] + shift[1];
      values[to + 2] = picture.data[at + 2] * scale[2] + shift[2];
    }
  }
  return values;
}
