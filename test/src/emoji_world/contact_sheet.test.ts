import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { contactSheet } from '../../../src/emoji_world/contact_sheet.js';

test('contactSheet sets a scene for each style and concept, white where there is none', async () => {
  const jpeg = await contactSheet({
    styles: ['fxemoji', 'noto-v1'],
    labels: ['cat', 'owl'],
    size: 16,
    cacheFolder: null,
  });
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([36, 36, 3]);
  const white = (left: number, top: number): boolean => {
    // The middle of the tile: JPEG lets neighbours bleed in at the edges.
    const tile = Array.from({ length: 16 }, (_, at) => ((top + 6 + (at >> 2)) * 36 + left + 6 + (at & 3)) * 3);
    return tile.every((at) => Math.min(data[at], data[at + 1], data[at + 2]) > 235);
  };
  expect([white(1, 1), white(19, 1), white(1, 19), white(19, 19)]).toEqual([false, true, false, false]);
});

test('contactSheet names a label that no concept has', async () => {
  await expect(contactSheet({ styles: [], labels: ['clowntown'] })).rejects.toThrow('has the label clowntown');
});
