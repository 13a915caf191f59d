import type { Resizing } from '../clip/image_statistics.js';

/** Bits after the point of a weight, as in Pillow, so that results are equal to the last bit. */
export const PRECISION = 22;
/** Pillow's filters: their curve, and its reach to either side, in pixels of the coarser grid. */
const CURVES: Record<Filter, { support: number; weight: (distance: number) => number }> = {
  bicubic: { support: 2, weight: cubic },
  bilinear: { support: 1, weight: triangle },
};

/** By which curve pixels are weighted. */
export type Filter = NonNullable<Resizing['filter']>;

/** For each pixel of the result along one axis: the first source pixel, the number of them, and their weights. */
export interface Taps {
  first: Int32Array;
  count: Int32Array;
  /** `reach` weights a pixel, in units of 2^-22. */
  weights: Int32Array;
  reach: number;
}

/**
 * Pillow's weights for resizing one axis, antialiased; the order of operations is Pillow's, since rounding depends on it.
 * @param sourceLength - pixels of the source
 * @param length - pixels of the whole result
 * @param from - the first pixel of the result that is wanted
 * @param count - how many are
 */
export function filterTaps(filter: Filter, sourceLength: number, length: number, from = 0, count = length): Taps {
  const curve = CURVES[filter];
  const scale = sourceLength / length;
  const stretch = Math.max(1, scale);
  const support = curve.support * stretch;
  const reach = Math.ceil(support) * 2 + 1;
  const taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Int32Array(count * reach),
    reach,
  };
  const exact = new Float64Array(reach);
  for (let at = 0; at < count; at++) {
    const centre = (from + at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const tapCount = Math.min(sourceLength, Math.trunc(centre + support + 0.5)) - first;
    let total = 0;
    for (let tap = 0; tap < tapCount; tap++) {
      exact[tap] = curve.weight((tap + first - centre + 0.5) * (1 / stretch));
      total += exact[tap];
    }
    for (let tap = 0; tap < tapCount; tap++) {
      const weight = (exact[tap] / total) * 2 ** PRECISION;
      taps.weights[at * reach + tap] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    taps.first[at] = first;
    taps.count[at] = tapCount;
  }
  return taps;
}

/** The source pixels that the taps touch: the first, and the one after the last. */
export function tapRange({ first, count }: Taps): [start: number, end: number] {
  // Both ends of the taps rise with the pixel.
  const last = first.length - 1;
  return [first[0], first[last] + count[last]];
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

function triangle(distance: number): number {
  return Math.max(0, 1 - Math.abs(distance));
}
