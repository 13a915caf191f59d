import { afterEach, describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { pagePicture } from '../../../src/data/page_picture.js';

/** A browser of four pixels: what is drawn comes back as red, green, blue and opacity. */
const PIXELS = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 10, 20, 30, 255];
let closed = 0;

class FakeCanvas {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}
  getContext() {
    const { width, height } = this;
    return {
      drawImage: () => undefined,
      getImageData: (...place: number[]) => {
        expect(place).toEqual([0, 0, width, height]);
        return { data: Uint8ClampedArray.from(PIXELS) };
      },
    };
  }
}

function fakeBrowser(decode: () => Promise<object>): void {
  Object.assign(globalThis, { createImageBitmap: decode, OffscreenCanvas: FakeCanvas });
}

afterEach(() => {
  closed = 0;
  Reflect.deleteProperty(globalThis, 'createImageBitmap');
  Reflect.deleteProperty(globalThis, 'OffscreenCanvas');
});

describe('pagePicture', () => {
  test('is red, green and blue in the picture’s own size, and frees what it decoded', async () => {
    fakeBrowser(async () => ({ width: 2, height: 2, close: () => closed++ }));
    expect(await pagePicture(new Blob([]))).toEqual({
      width: 2,
      height: 2,
      data: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]),
    });
    expect(closed).toBe(1);
  });

  test('names a file that cannot be decoded', async () => {
    fakeBrowser(() => Promise.reject(new Error('The source image could not be decoded.')));
    const broken = Object.assign(new Blob([]), { name: 'cat.heic' });
    await expect(pagePicture(broken)).rejects.toThrow(
      /^The picture cat\.heic cannot be decoded: The source image could not be decoded\. Give a picture that browsers show/,
    );
  });

  test('says where it works, elsewhere', async () => {
    await expect(pagePicture(new Blob([]))).rejects.toThrow(MapleError);
    await expect(pagePicture(new Blob([]))).rejects.toThrow(/needs a browser.*readPicture of tfjs-maple\/node/);
  });
});
