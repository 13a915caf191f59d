import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import type { ImageStatistics } from '../clip/config.js';
import { completeResizing } from '../clip/image_statistics.js';
import { filterTaps, PRECISION, tapRange, type Taps } from './filter_taps.js';
import type { Picture } from './picture.js';

/** A rectangle of whole pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

type Size = Pick<Box, 'width' | 'height'>;

const HALF = 1 << (PRECISION - 1);

/**
 * Resizing as Pillow's `Image.resize` does it (antialiased when shrinking, whole-number arithmetic; bicubic with
 * a = -0.5): what the preprocessing of CLIP and SigLIP uses. Equal to Pillow's result in every byte.
 * @param width - of the result, in pixels
 * @param height - of the result, in pixels
 * @param box - the part of the picture to resize, default all; pixels outside it have no influence
 * @param filter - `bicubic` (default) or `bilinear`
 * @throws MapleError for a size that is not a positive integer, a box that leaves the picture, or another filter
 */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  box?: Box,
  filter?: ImageStatistics['filter'],
): Picture {
  const source = box === undefined ? picture : crop(picture, box);
  return resizeWindow(source, width, height, { left: 0, top: 0, width, height }, filter);
}

/**
 * A part of the resized picture, without computing the rest: `crop(resize(picture, width, height), window)`.
 * @param window - the part of the result that is wanted, in pixels of the result
 * @param order - of the two passes: as `isShortenedFirst` says, or always rows before columns
 * @throws MapleError for a size that is not a positive integer, a window that leaves the result, or another filter
 */
export function resizeWindow(
  picture: Picture,
  width: number,
  height: number,
  window: Box,
  filter?: ImageStatistics['filter'],
  order: 'pillow' | 'rowsFirst' = 'pillow',
): Picture {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new MapleError(`\`${name}\` must be a positive integer. Received: ${shown(value)}.`);
    }
  }
  checkBox('window', window, { width, height });
  const curve = completeResizing({ filter }).filter;
  const across = filterTaps(curve, picture.width, width, window.left, window.width);
  const down = filterTaps(curve, picture.height, height, window.top, window.height);
  // Bytes are rounded after each pass, so their order counts.
  if (order === 'pillow' && isShortenedFirst(picture, { width, height })) {
    return resizeRows(resizeColumns(picture, down, 0), across, 0, window.height);
  }
  // Only the rows that count are narrowed.
  const [top, bottom] = tapRange(down);
  return resizeColumns(resizeRows(picture, across, top, bottom), down, top);
}

/**
 * Whether Pillow shortens the columns of a picture before it narrows its rows: from 13.0 on where it loses more than twice
 * as many rows as columns, and never before.
 */
export function isShortenedFirst(from: Size, to: Size): boolean {
  const lost = from.height - to.height;
  return lost > 0 && lost > 2 * (from.width - to.width);
}

/** The picture, its shorter side reduced to `shortSide` pixels where it has more; bicubic, as Pillow reduces. */
export function reduced(picture: Picture, shortSide: number): Picture {
  const factor = shortSide / Math.min(picture.width, picture.height);
  return factor >= 1
    ? picture
    : resize(picture, Math.round(picture.width * factor), Math.round(picture.height * factor));
}

/**
 * Cuts out a rectangle.
 * @throws MapleError when the box is not whole pixels inside the picture
 */
export function crop(picture: Picture, { left, top, width, height }: Box): Picture {
  checkBox('box', { left, top, width, height }, picture);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

function checkBox(name: string, box: Box, picture: Size): void {
  const { left, top, width, height } = box;
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside = left >= 0 && top >= 0 && left + width <= picture.width && top + height <= picture.height;
  if (!whole || !inside || width < 1 || height < 1) {
    throw new MapleError(
      `\`${name}\` must be whole pixels inside the picture. ` +
        `Received: ${width} x ${height} at (${left}, ${top}) of ${picture.width} x ${picture.height}.`,
    );
  }
}

/** Rows `top` to `bottom`, each of the taps' number of pixels. */
function resizeRows(source: Picture, taps: Taps, top: number, bottom: number): Picture {
  const width = taps.first.length;
  const data = new Uint8Array(width * (bottom - top) * 3);
  for (let y = top, at = 0; y < bottom; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      weighted(source.data, (y * source.width + taps.first[x]) * 3, 3, taps, x, data, at);
    }
  }
  return { width, height: bottom - top, data };
}

/** Columns of the taps' number of pixels, from rows that begin at the picture's row `top`. */
function resizeColumns(source: Picture, taps: Taps, top: number): Picture {
  const height = taps.first.length;
  const row = source.width * 3;
  const data = new Uint8Array(row * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < source.width; x++, at += 3) {
      weighted(source.data, (taps.first[y] - top) * row + x * 3, row, taps, y, data, at);
    }
  }
  return { width: source.width, height, data };
}

/** One pixel of the result: the weighted sum of source pixels `step` values apart. */
function weighted(
  source: Uint8Array,
  from: number,
  step: number,
  taps: Taps,
  index: number,
  data: Uint8Array,
  at: number,
): void {
  let [red, green, blue] = [HALF, HALF, HALF];
  const start = index * taps.reach;
  const end = start + taps.count[index];
  for (let tap = start, pixel = from; tap < end; tap++, pixel += step) {
    const weight = taps.weights[tap];
    red += weight * source[pixel];
    green += weight * source[pixel + 1];
    blue += weight * source[pixel + 2];
  }
  data[at] = toByte(red);
  data[at + 1] = toByte(green);
  data[at + 2] = toByte(blue);
}

function toByte(sum: number): number {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
