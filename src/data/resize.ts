import { MapleError } from '../../layers/errors.js';
import type { Picture } from './picture.js';

/** A rectangle of whole pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Bits after the point of a weight, as in Pillow, so that results are equal to the last bit. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);
const UNIT = 1 << PRECISION;
/** The cubic's reach to either side, in pixels of the coarser grid. */
const SUPPORT = 2;

/**
 * Bicubic resizing as Pillow's `Image.resize` does it (a = -0.5, antialiased when shrinking, whole-number arithmetic):
 * what CLIP's own preprocessing uses. Equal to Pillow's result in every byte.
 * @param width - of the result, in pixels
 * @param height - of the result, in pixels
 * @param box - the part of the picture to resize, default all; pixels outside it have no influence
 * @throws MapleError for a size that is not a positive integer, or a box that leaves the picture
 */
export function resize(picture: Picture, width: number, height: number, box?: Box): Picture {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new MapleError(`\`${name}\` must be a positive integer. Received: ${value}.`);
    }
  }
  const source = box === undefined ? picture : crop(picture, box);
  const narrowed = source.width === width ? source : resizeRows(source, width);
  return narrowed.height === height ? copyOf(narrowed, picture) : resizeColumns(narrowed, height);
}

/**
 * Cuts out a rectangle.
 * @throws MapleError when the box is not whole pixels inside the picture
 */
export function crop(picture: Picture, { left, top, width, height }: Box): Picture {
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside = left >= 0 && top >= 0 && left + width <= picture.width && top + height <= picture.height;
  if (!whole || !inside || width < 1 || height < 1) {
    throw new MapleError(
      '`box` must be whole pixels inside the picture. ' +
        `Received: ${width} x ${height} at (${left}, ${top}) of ${picture.width} x ${picture.height}.`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

/** The result never shares its bytes with the caller's picture. */
function copyOf(result: Picture, given: Picture): Picture {
  return result.data === given.data ? { ...result, data: result.data.slice() } : result;
}

/** For each pixel of the result: the first source pixel, the number of them, and their weights. */
interface Taps {
  first: Int32Array;
  count: Int32Array;
  /** `reach` weights a pixel, in units of 2^-22. */
  weights: Int32Array;
  reach: number;
}

/** The weights of one axis; the order of operations is Pillow's, since rounding depends on it. */
function tapsFor(sourceLength: number, length: number): Taps {
  const scale = sourceLength / length;
  const stretch = Math.max(1, scale);
  const support = SUPPORT * stretch;
  const reach = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(length),
    count: new Int32Array(length),
    weights: new Int32Array(length * reach),
    reach,
  };
  const exact = new Float64Array(reach);
  for (let at = 0; at < length; at++) {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(sourceLength, Math.trunc(centre + support + 0.5)) - first;
    let total = 0;
    for (let tap = 0; tap < count; tap++) {
      exact[tap] = cubic((tap + first - centre + 0.5) * (1 / stretch));
      total += exact[tap];
    }
    for (let tap = 0; tap < count; tap++) {
      const weight = (exact[tap] / total) * UNIT;
      taps.weights[at * reach + tap] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    taps.first[at] = first;
    taps.count[at] = count;
  }
  return taps;
}

/** Keys' cubic with a = -0.5. */
function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) {
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  }
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

function resizeRows(source: Picture, width: number): Picture {
  const taps = tapsFor(source.width, width);
  const data = new Uint8Array(width * source.height * 3);
  for (let y = 0, at = 0; y < source.height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      weighted(source.data, (y * source.width + taps.first[x]) * 3, 3, taps, x, data, at);
    }
  }
  return { width, height: source.height, data };
}

function resizeColumns(source: Picture, height: number): Picture {
  const taps = tapsFor(source.height, height);
  const row = source.width * 3;
  const data = new Uint8Array(row * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < source.width; x++, at += 3) {
      weighted(source.data, taps.first[y] * row + x * 3, row, taps, y, data, at);
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
