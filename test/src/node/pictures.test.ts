import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { testTransform } from '../../../src/data/preprocess.js';
import { readImageFolder } from '../../../src/node/image_folder.js';
import { listPictures, readPicture } from '../../../src/node/pictures.js';
import type { Picture } from '../../../src/data/picture.js';
import { fixturePath, ownFixturePath, readOwnFixture } from '../../helpers/fixtures.js';

/** Files of every kind, and the file that holds what Pillow makes of each. */
const kinds = readOwnFixture<{ decoded: Record<string, string> }>('pictures', 'manifest.json');
const DEEP = 'grey-16-bit.png';

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

/** 6 x 4, half transparent, of one colour. */
const half = sharp({
  create: { width: 6, height: 4, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0.5 } },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readPicture', () => {
  test.each(['png', 'webp', 'gif', 'avif', 'jpg'])('reads %s, whatever the file is called', async (ending) => {
    const format = ending === 'jpg' ? 'jpeg' : (ending as 'png');
    await half
      .clone()
      .removeAlpha()
      .toFormat(format, { quality: 100 })
      .toFile(at(`colour.${ending}`));
    await writeFile(at('no ending'), await readFile(at(`colour.${ending}`)));
    const picture = await readPicture(at('no ending'));
    expect([picture.width, picture.height, picture.data.length]).toEqual([6, 4, 72]);
    [200, 100, 50].forEach((value, channel) => expect(Math.abs(picture.data[channel] - value)).toBeLessThanOrEqual(3));
  });

  test('drops transparency without blending', async () => {
    await half.clone().png().toFile(at('half.png'));
    expect(Array.from((await readPicture(at('half.png'))).data.slice(0, 3))).toEqual([200, 100, 50]);
  });

  test.each(['grey.png', 'transparent.png', 'portrait.png'])('%s as Pillow decodes and resizes it', async (name) => {
    const ours = testTransform(await readPicture(fixturePath('preprocess', name)), 224);
    const expected = await readPicture(fixturePath('preprocess', name.replace('.png', '.expected.png')));
    expect(Buffer.compare(ours.data, expected.data)).toBe(0);
  });

  test.each(Object.keys(kinds.decoded).filter((name) => name !== DEEP))('%s as Pillow decodes it', async (name) => {
    const ours = await readPicture(ownFixturePath('pictures', name));
    const expected = await readPicture(ownFixturePath('pictures', kinds.decoded[name]));
    expect([ours.width, ours.height]).toEqual([expected.width, expected.height]);
    if (/\.(png|gif)$|lossless/.test(name)) {
      expect(Buffer.compare(ours.data, expected.data)).toBe(0);
    }
    // A lossy file's decoder may round in its own way.
    const [mean, largest] = difference(testTransform(ours, 224), testTransform(expected, 224));
    expect(mean).toBeLessThanOrEqual(1);
    expect(largest).toBeLessThanOrEqual(6);
  });

  test('differs from Pillow on purpose where that clips 16-bit grey to white', async () => {
    const ours = await readPicture(ownFixturePath('pictures', DEEP));
    const clipped = await readPicture(ownFixturePath('pictures', kinds.decoded[DEEP]));
    // A ramp from black to white in 93 columns, below eight rows of its 256th part.
    const row = ours.data.slice(93 * 3 * 20, 93 * 3 * 21).filter((_, at) => at % 3 === 0);
    row.forEach((value, column) => expect(Math.abs(value - (column * 255) / 92)).toBeLessThanOrEqual(1));
    expect(clipped.data[93 * 3 * 20 + 30]).toBe(255);
  });

  test.each([2, 3, 4, 5, 6, 7, 8])('orientation %i is applied only when asked for', async (orientation) => {
    const path = ownFixturePath('pictures', `orientation-${orientation}.jpg`);
    const stored = await readPicture(path);
    const applied = await readPicture(path, { orientation: 'apply' });
    const plain = await readPicture(ownFixturePath('pictures', 'baseline-444.jpg'));
    expect(stored).toEqual(plain);
    expect(applied).toEqual(turned(stored, orientation));
  });

  test('orientation stands in PNG and WebP too, and has two values', async () => {
    for (const name of ['orientation-6.png', 'orientation-6.webp']) {
      const applied = await readPicture(ownFixturePath('pictures', name), { orientation: 'apply' });
      expect(applied).toEqual(turned(await readPicture(ownFixturePath('pictures', name)), 6));
    }
    const wrong = readPicture(ownFixturePath('pictures', 'rgb.png'), { orientation: 'upright' as 'apply' });
    await expect(wrong).rejects.toThrow("`orientation` must be 'ignore' or 'apply'. Received: \"upright\".");
  });

  test('refuses a GIF that is cut short or damaged', async () => {
    const bytes = await readFile(ownFixturePath('pictures', 'noise.gif'));
    for (const length of [bytes.length - 40, 1000, 300]) {
      await writeFile(at('cut.gif'), bytes.subarray(0, length));
      await expect(readPicture(at('cut.gif'))).rejects.toMatchObject({ name: 'MapleError' });
    }
    bytes.fill(0xff, 2000, 2020);
    await writeFile(at('damaged.gif'), bytes);
    await expect(readPicture(at('damaged.gif'))).rejects.toThrow(/damaged\.gif cannot be decoded/);
  });

  test('ignores the EXIF orientation', async () => {
    await half.clone().jpeg().withMetadata({ orientation: 6 }).toFile(at('turned.jpg'));
    const picture = await readPicture(at('turned.jpg'));
    expect([picture.width, picture.height]).toEqual([6, 4]);
  });

  test('turns 16-bit grey into 8-bit colour', async () => {
    const grey = Uint16Array.from({ length: 12 }, (_, index) => index * 257 * 20);
    await sharp(grey, { raw: { width: 4, height: 3, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(at('deep.png'));
    const { data } = await readPicture(at('deep.png'));
    expect(Array.from(data.filter((_, index) => index % 3 === 1))).toEqual(
      Array.from({ length: 12 }, (_, index) => index * 20),
    );
  });

  test('takes the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(3 * 16, 255), Buffer.alloc(3 * 16, 0)]);
    await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
      .gif({ delay: [100, 100] })
      .toFile(at('two.gif'));
    const picture = await readPicture(at('two.gif'));
    expect([picture.width, picture.height, picture.data[0]]).toEqual([4, 4, 255]);
  });

  test.each([
    ['an empty file', 'empty.jpg', '', /empty\.jpg must be a JPEG.*Received: an empty file\. Convert it/],
    ['text', 'text.png', 'not a picture', /text\.png must be a JPEG.*Received: something else/],
    ['a drawing', 'a.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>', /a\.svg must be.*svg/],
  ])('refuses %s', async (_, name, content, message) => {
    await writeFile(at(name), content);
    await expect(readPicture(at(name))).rejects.toThrow(message);
    await expect(readPicture(at(name))).rejects.toMatchObject({ name: 'MapleError' });
  });

  test('refuses what is not there, a folder, and a truncated picture', async () => {
    await expect(readPicture(at('none.png'))).rejects.toThrow(/none\.png cannot be read: ENOENT/);
    await expect(readPicture(folder)).rejects.toThrow('Received: a folder');
    const bytes = await readFile(fixturePath('preprocess', 'photo.jpg'));
    await writeFile(at('cut.jpg'), bytes.subarray(0, bytes.length / 2));
    await expect(readPicture(at('cut.jpg'))).rejects.toThrow(/cut\.jpg cannot be decoded.*damaged or truncated/);
  });

  test('refuses a picture over the limit by its header alone', async () => {
    // A PNG's header says 6000 x 5000; there is next to nothing behind it.
    const small = await half.clone().png().toBuffer();
    small.writeUInt32BE(6000, 16);
    small.writeUInt32BE(5000, 20);
    small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
    await writeFile(at('large.png'), small);
    await expect(readPicture(at('large.png'))).rejects.toThrow(
      '25 million pixels at most. Received: 6000 x 5000, 30.0',
    );
  });
});

describe('folders', () => {
  test('listPictures goes by name', async () => {
    await mkdir(at('list', 'sub.png'), { recursive: true });
    for (const name of ['b.JPG', 'a.png', '.hidden.png', 'notes.txt']) await writeFile(at('list', name), '');
    expect(await listPictures(at('list'))).toEqual([at('list', 'a.png'), at('list', 'b.JPG')]);
    await expect(listPictures(at('nowhere'))).rejects.toThrow(/nowhere cannot be read: ENOENT/);
    await expect(listPictures(at('list', 'a.png'))).rejects.toThrow('must be a folder. Received: a file.');
  });

  test('readImageFolder labels by class folder and says what it skips', async () => {
    for (const name of ['dog', 'cafe\u0301 cup', 'empty']) await mkdir(at('photos', name), { recursive: true });
    await half
      .clone()
      .png()
      .toFile(at('photos', 'dog', '2.png'));
    await half
      .clone()
      .png()
      .toFile(at('photos', 'dog', '1.png'));
    await half
      .clone()
      .png()
      .toFile(at('photos', 'cafe\u0301 cup', 'x.png'));
    await writeFile(at('photos', 'dog', 'broken.png'), 'no');
    await writeFile(at('photos', 'dog', 'list.txt'), 'no');
    await writeFile(at('photos', 'stray.png'), 'no');
    const { name, classNames, examples, skipped } = await readImageFolder(at('photos'));
    expect([name, classNames]).toEqual(['photos', ['caf\u00e9 cup', 'dog']]);
    expect(examples.map((example) => [example.label, example.name])).toEqual([
      [0, at('photos', 'cafe\u0301 cup', 'x.png')],
      [1, at('photos', 'dog', '1.png')],
      [1, at('photos', 'dog', '2.png')],
    ]);
    expect((await examples[1].load()).width).toBe(6);
    expect(skipped.map(({ path }) => path)).toEqual([
      at('photos', 'dog', 'broken.png'),
      at('photos', 'dog', 'list.txt'),
      at('photos', 'empty'),
      at('photos', 'stray.png'),
    ]);
    expect(skipped[0].reason).toContain('must be a JPEG');
  });

  test('readImageFolder refuses a folder without classes', async () => {
    await mkdir(at('flat'), { recursive: true });
    await expect(readImageFolder(at('flat'))).rejects.toThrow(
      /flat must hold a folder for each class.*an empty folder/,
    );
    await half.clone().png().toFile(at('flat', 'a.png'));
    await expect(readImageFolder(at('flat'))).rejects.toThrow(/nothing that can be used:\n.*a\.png: not in a class/);
  });
});

/** PNG's checksum of a chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Mean and largest difference of two pictures' values. */
function difference(one: Picture, other: Picture): [number, number] {
  let [sum, largest] = [0, 0];
  one.data.forEach((value, at) => {
    const distance = Math.abs(value - other.data[at]);
    sum += distance;
    largest = Math.max(largest, distance);
  });
  return [sum / one.data.length, largest];
}

/** A stored picture as its EXIF orientation shows it, by the table of the EXIF standard. */
function turned({ width, height, data }: Picture, orientation: number): Picture {
  const swaps = orientation > 4;
  const [toWidth, toHeight] = swaps ? [height, width] : [width, height];
  const result = new Uint8Array(data.length);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [across, down] = [toWidth - 1 - x, toHeight - 1 - y];
      const from = [[], [x, y], [across, y], [across, down], [x, down], [y, x], [y, across], [down, across], [down, x]];
      const [column, row] = from[orientation];
      result.set(data.subarray((row * width + column) * 3, (row * width + column) * 3 + 3), (y * toWidth + x) * 3);
    }
  }
  return { width: toWidth, height: toHeight, data: result };
}
