import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics } from '../clip/config.js';
import type { Random } from '../random.js';
import type { Picture } from './picture.js';
import { crop, resizeWindow, type Box } from './resize.js';
import { roundHalfEven } from './round_half_even.js';

/** How training pictures are varied; the defaults are those of the official recipes. */
export interface AugmentOptions {
  /** Side of the result, in pixels: the model's image size. */
  size: number;
  /** Area of the crop, as a share of the picture's; default 0.08 to 1. */
  scale?: readonly [number, number];
  /** Width over height of the crop; default 3/4 to 4/3. */
  ratio?: readonly [number, number];
  /** Probability of mirroring left and right; default 0.5. */
  flip?: number;
  /** How the crop is resized: the model's filter; default bicubic. */
  filter?: ImageStatistics['filter'];
}

/** With what a picture transform says beside them. */
const OPTIONS: SettingNames<AugmentOptions & { kind: 'augment' }> = {
  kind: true,
  size: true,
  scale: true,
  ratio: true,
  flip: true,
  filter: true,
};

/** Attempts at a crop that fits, before the one in the centre is taken. */
const ATTEMPTS = 10;

/**
 * A random crop, resized to a square, mirrored in half of the cases: RandomResizedCrop and RandomHorizontalFlip of the
 * official recipes. A model's fit has no part in it: a crop's shape is random anyway.
 * @param random - the stream that decides; equal streams give equal pictures
 */
export function augment(picture: Picture, random: Random, options: AugmentOptions): Picture {
  checkKnown('augment', options, OPTIONS);
  const { size, filter, flip = 0.5 } = options;
  const part = crop(picture, randomCropBox(picture, random, options));
  // Rows first whatever Pillow's version, so that trainings of before are repeated to the last bit.
  const result = resizeWindow(part, size, size, { left: 0, top: 0, width: size, height: size }, filter, 'rowsFirst');
  return random.chance(flip) ? mirrored(result) : result;
}

/**
 * The part of a picture that RandomResizedCrop takes: its area uniform in `scale`, its shape log-uniform in `ratio`.
 * @throws MapleError for a range that is empty or not positive
 */
export function randomCropBox(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  random: Random,
  { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] }: Pick<AugmentOptions, 'scale' | 'ratio'> = {},
): Box {
  checkRange('scale', scale, 1);
  checkRange('ratio', ratio, Infinity);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * random.uniform(scale[0], scale[1]);
    const shape = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const box = { width: roundHalfEven(Math.sqrt(area * shape)), height: roundHalfEven(Math.sqrt(area / shape)) };
    if (box.width >= 1 && box.height >= 1 && box.width <= width && box.height <= height) {
      return { ...box, top: random.integer(height - box.height + 1), left: random.integer(width - box.width + 1) };
    }
  }
  return centreBox(width, height, ratio);
}

/** The largest box in the centre whose shape is allowed. */
function centreBox(width: number, height: number, ratio: readonly [number, number]): Box {
  const box = {
    width: Math.min(width, Math.max(1, roundHalfEven(height * ratio[1]))),
    height: Math.min(height, Math.max(1, roundHalfEven(width / ratio[0]))),
  };
  return { ...box, left: Math.floor((width - box.width) / 2), top: Math.floor((height - box.height) / 2) };
}

function checkRange(name: string, [low, high]: readonly [number, number], limit: number): void {
  if (!(low > 0 && low <= high && high <= limit)) {
    const bound = limit === Infinity ? '' : ` and at most ${limit}`;
    throw new MapleError(`\`${name}\` must be two rising numbers above 0${bound}. Received: [${low}, ${high}].`);
  }
}

/** The picture with left and right exchanged. */
export function mirrored({ width, height, data }: Picture): Picture {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = (y * width + (width - 1 - x)) * 3;
      result[to] = data[from];
      result[to + 1] = data[from + 1];
      result[to + 2] = data[from + 2];
    }
  }
  return { width, height, data: result };
}
