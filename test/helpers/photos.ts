import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Example } from '../../src/data/dataset.js';

/** Writes the pictures of each class into a folder of its own, as PNG files. */
export async function writePhotos(
  folder: string,
  classNames: readonly string[],
  examples: readonly Example[],
): Promise<void> {
  for (const [index, example] of examples.entries()) {
    const own = join(folder, classNames[example.label]);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, `${index}.png`), await pngOf(example));
  }
}

/** An example as the bytes of a PNG file. */
export async function pngOf(example: Example): Promise<Buffer> {
  const { width, height, data } = await example.load();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
