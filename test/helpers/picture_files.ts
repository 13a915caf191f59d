import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** Writes small PNGs, of a colour each, at paths below a folder. */
export async function writePictures(folder: string, paths: readonly string[]): Promise<void> {
  for (const [index, path] of paths.entries()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const background = { r: (index * 37) % 256, g: (index * 91) % 256, b: 128 };
    await sharp({ create: { width: 12, height: 10, channels: 3, background } })
      .png()
      .toFile(join(folder, path));
  }
}

/** A photograph-like JPEG of noise, which does not compress well. */
export async function noisyJpeg(width: number, height: number, seed = 1): Promise<Buffer> {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0, state = seed; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[at] = 128 + ((at / (width * 3)) % 64) + (state >>> 27);
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** A JPEG whose header is right and whose second half is missing. */
export async function writeTruncated(path: string): Promise<void> {
  const whole = await noisyJpeg(64, 64);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, whole.subarray(0, whole.length / 2));
}
