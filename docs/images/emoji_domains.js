/** Makes emoji_domains.jpg beside this file: `npm run build && node docs/images/emoji_domains.js`. */
import { Buffer } from 'node:buffer';
import sharp from 'sharp';
import { emojiStudyData } from '../../dist/src/emoji_world/study_data.js';

const SIZE = 64;
const STEP = SIZE + 2;
/** Every fourth class of the source. */
const EVERY = 4;

const data = emojiStudyData({ testScenes: 1 });
const tiles = [];
for (const [row, name] of [data.source, ...data.domains].entries()) {
  const { test } = await data.load(name, { seed: 1, shots: 1 });
  const shown = test.filter((_, index) => index % EVERY === 0);
  for (const [column, example] of shown.entries()) {
    const picture = await example.load();
    const raw = { width: SIZE, height: SIZE, channels: 3 };
    tiles.push({ input: Buffer.from(picture.data), raw, left: 1 + column * STEP, top: 1 + row * STEP });
  }
}
const [rows, columns] = [1 + data.domains.length, tiles.length / (1 + data.domains.length)];
const canvas = { width: columns * STEP, height: rows * STEP, channels: 3, background: 'white' };
await sharp({ create: canvas })
  .composite(tiles)
  .jpeg({ quality: 80 })
  .toFile(new URL('emoji_domains.jpg', import.meta.url).pathname);
