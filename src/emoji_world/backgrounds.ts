import type { Random } from '../random.js';

/** A colour: red, green, blue in 0..255. */
export type Colour = readonly [number, number, number];

/** Perceived lightness of a colour, 0..255 (BT.601). */
export function luminance(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Lightness of a drawing, weighted by its coverage. */
export interface Lightness {
  mean: number;
  deviation: number;
}

/** A colour that something of `lightness` stands out from: the less contrast it has itself, the farther away. */
export function contrastingColour(random: Random, { mean, deviation }: Lightness, near?: Colour): Colour {
  const distance = Math.max(16, 110 - 2 * deviation);
  for (let attempt = 0; attempt < 8; attempt++) {
    const colour = near ? shifted(random, near) : randomColour(random);
    if (Math.abs(luminance(...colour) - mean) >= distance) {
      return colour;
    }
  }
  const light = mean < 128 ? 255 - random.uniform(0, 60) : random.uniform(0, 60);
  return near ?? [light, light, light];
}

function randomColour(random: Random): Colour {
  return [random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)];
}

function shifted(random: Random, colour: Colour): Colour {
  const other = randomColour(random);
  const share = random.uniform(0.15, 0.5);
  return colour.map((value, channel) => value + share * (other[channel] - value)) as unknown as Colour;
}

/**
 * Fills a square with a plain colour, a gradient, soft blobs or stripes.
 * @param pixels - `size * size * 3` values 0..255, written
 */
export function paintBackground(pixels: Float32Array, size: number, random: Random, lightness: Lightness): void {
  const first = contrastingColour(random, lightness);
  const second = contrastingColour(random, lightness, first);
  const share = random.choice([plain, gradient, blobs, stripes])(random, size);
  const change = second.map((value, channel) => value - first[channel]);
  for (let y = 0, at = 0; y < size; y++) {
    for (let x = 0; x < size; x++, at += 3) {
      const part = share(x, y);
      pixels[at] = first[0] + part * change[0];
      pixels[at + 1] = first[1] + part * change[1];
      pixels[at + 2] = first[2] + part * change[2];
    }
  }
}

/** How much of the second colour a pixel has, 0..1. */
type Pattern = (random: Random, size: number) => (x: number, y: number) => number;

const plain: Pattern = () => () => 0;

const gradient: Pattern = (random, size) => {
  const angle = random.uniform(0, 2 * Math.PI);
  const [across, down] = [Math.cos(angle) / size, Math.sin(angle) / size];
  const start = 0.5 - (across + down) * (size / 2);
  return (x, y) => Math.min(1, Math.max(0, start + across * x + down * y));
};

const stripes: Pattern = (random, size) => {
  const angle = random.uniform(0, Math.PI);
  const period = random.uniform(0.12, 0.5) * size;
  const [across, down] = [Math.cos(angle) / period, Math.sin(angle) / period];
  const start = random.uniform();
  return (x, y) => {
    const phase = start + across * x + down * y;
    // A triangle wave cut off above and below: stripes with edges about two pixels soft.
    const wave = Math.abs(phase - Math.floor(phase) - 0.5) * 2;
    return Math.min(1, Math.max(0, 0.5 + (wave - 0.5) * period * 0.5));
  };
};

const blobs: Pattern = (random, size) => {
  const spots = Array.from({ length: 2 + random.integer(3) }, () => ({
    x: random.uniform(0, size),
    y: random.uniform(0, size),
    sharpness: 1 / (random.uniform(0.15, 0.4) * size) ** 2,
  }));
  return (x, y) => {
    let nearest = 0;
    for (const spot of spots) {
      const distance = ((x - spot.x) ** 2 + (y - spot.y) ** 2) * spot.sharpness;
      nearest = Math.max(nearest, 1 - distance);
    }
    return nearest;
  };
};
