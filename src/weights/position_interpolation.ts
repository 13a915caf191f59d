import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import type { WeightSource } from '../backbone/backbone.js';
import { patchCount, type ClipConfig } from '../clip/config.js';

const POSITIONS = 'vision/positions/positions';

/** Sharpness of the cubic kernel, as PyTorch's bicubic has it. */
const A = -0.75;

/**
 * A model for pictures of another size: the grid of position embeddings is interpolated, all other weights stay. Bicubic
 * as `torch.nn.functional.interpolate(mode='bicubic', align_corners=False)` and Hugging Face's
 * `interpolate_pos_encoding`, without antialiasing; a class token's position is kept.
 * @param imageSize - side of the pictures in pixels: the model's own, or a multiple of the patch
 * @throws MapleError when `imageSize` is neither
 */
export function resizePictures(
  config: ClipConfig,
  weights: WeightSource,
  imageSize: number,
): { config: ClipConfig; weights: WeightSource } {
  const { patchSize, width, pooling = 'classToken' } = config.vision;
  if (imageSize === config.vision.imageSize) {
    return { config, weights };
  }
  if (!Number.isInteger(imageSize) || imageSize < 1 || imageSize % patchSize !== 0) {
    throw new MapleError(
      `\`imageSize\` must be a multiple of the model's patch, ${patchSize} pixels. Received: ${shown(imageSize)}.`,
    );
  }
  const grid = {
    kept: pooling === 'classToken' ? 1 : 0,
    from: Math.sqrt(patchCount(config.vision)),
    to: imageSize / patchSize,
  };
  const shape = [grid.kept + grid.to ** 2, width];
  return {
    config: { ...config, vision: { ...config.vision, imageSize } },
    weights: {
      names: weights.names,
      shape: (name) => (name === POSITIONS ? shape : weights.shape(name)),
      read: async (name) => {
        const found = await weights.read(name);
        return name === POSITIONS ? { shape, values: interpolatePositions(found.values, width, grid) } : found;
      },
    },
  };
}

/** A table of position embeddings, and what becomes of it. */
export interface PositionGrid {
  /** Rows before the grid, which stay: a class token's. */
  kept: number;
  /** Patches a side before. */
  from: number;
  /** Patches a side afterwards. */
  to: number;
}

/** Position embeddings [kept + from * from, width] as [kept + to * to, width]. */
export function interpolatePositions(
  values: Float32Array,
  width: number,
  { kept, from, to }: PositionGrid,
): Float32Array {
  const result = new Float32Array((kept + to * to) * width);
  result.set(values.subarray(0, kept * width));
  const taps = Array.from({ length: to }, (_, place) => tapsOf(place, from, to));
  taps.forEach((rows, row) => {
    taps.forEach((columns, column) => {
      const target = (kept + row * to + column) * width;
      for (let channel = 0; channel < width; channel++) {
        let sum = 0;
        for (const [y, rowWeight] of rows) {
          let across = 0;
          for (const [x, columnWeight] of columns) {
            across += columnWeight * values[(kept + y * from + x) * width + channel];
          }
          sum += rowWeight * across;
        }
        result[target + channel] = sum;
      }
    });
  });
  return result;
}

/** The four places that a new place is made of, with their weights; beyond the edge the last one is repeated. */
function tapsOf(place: number, from: number, to: number): [place: number, weight: number][] {
  const exact = ((place + 0.5) * from) / to - 0.5;
  const first = Math.floor(exact);
  return [-1, 0, 1, 2].map((step) => {
    const neighbour = Math.min(Math.max(first + step, 0), from - 1);
    return [neighbour, cubic(Math.abs(exact - first - step))];
  });
}

/** Keys' cubic convolution kernel. */
function cubic(distance: number): number {
  const d = distance;
  return d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
}
