import sharp, { type Sharp } from 'sharp';
import type { Picture } from '../data/picture.js';
import type { Random } from '../random.js';

/** Deviation of the blur as a share of the picture's width. */
const BLUR = [0.02, 0.035] as const;
/** Quality of JPEG, of 100. */
const JPEG = [6, 14] as const;
/** Deviation of the noise, in 1/255. */
const NOISE = [35, 55] as const;

/**
 * A picture as a bad camera would give it: blurred, with the blocks of strong JPEG compression, or with noise, one of
 * the three (after Hendrycks and Dietterich, ICLR 2019). Equal pictures and streams give equal results.
 * @param random - decides which, and how strong
 */
export async function corruptPicture(picture: Picture, random: Random): Promise<Picture> {
  return random.choice([blurred, compressed, noisy])(picture, random);
}

function blurred(picture: Picture, random: Random): Promise<Picture> {
  return decoded(pixelsOf(picture).blur(random.uniform(...BLUR) * picture.width));
}

async function compressed(picture: Picture, random: Random): Promise<Picture> {
  const quality = Math.round(random.uniform(...JPEG));
  return decoded(sharp(await pixelsOf(picture).jpeg({ quality }).toBuffer()));
}

async function noisy({ width, height, data }: Picture, random: Random): Promise<Picture> {
  const deviation = random.uniform(...NOISE);
  const bytes = Uint8ClampedArray.from(data, (value) => value + random.normal(0, deviation));
  return { width, height, data: new Uint8Array(bytes.buffer) };
}

function pixelsOf({ width, height, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function decoded(image: Sharp): Promise<Picture> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
