import { describe, expect, test } from '@jest/globals';
import type { Picture } from '../../../src/data/picture.js';
import { crop, resize, resizeWindow } from '../../../src/data/resize.js';

function ramp(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    data.set([at % width, Math.floor(at / width), (at * 7) % 256], at * 3);
  }
  return { width, height, data };
}

describe('resize', () => {
  test('keeps every byte when the size stays, in new memory', () => {
    const picture = ramp(9, 5);
    const same = resize(picture, 9, 5);
    expect(same).toEqual(picture);
    expect(same.data).not.toBe(picture.data);
  });

  test('keeps a plain colour at any size', () => {
    const plain = { width: 7, height: 3, data: new Uint8Array(63).fill(201) };
    for (const [width, height] of [
      [3, 3],
      [20, 11],
      [1, 1],
    ]) {
      const { data } = resize(plain, width, height);
      expect(data).toEqual(new Uint8Array(width * height * 3).fill(201));
    }
  });

  test('takes a box as if the rest of the picture were not there', () => {
    const picture = ramp(30, 20);
    const box = { left: 4, top: 3, width: 11, height: 12 };
    expect(resize(picture, 6, 7, box)).toEqual(resize(crop(picture, box), 6, 7));
  });

  test('overshoots at an edge and clips, as a cubic does', () => {
    const step = { width: 4, height: 1, data: Uint8Array.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]) };
    const { data } = resize(step, 8, 1);
    // By hand: 255 times the weights of the white pixels; at the fourth, w(0.75) + w(1.75) = 0.203.
    expect([...data].filter((_, at) => at % 3 === 0)).toEqual([0, 0, 0, 52, 203, 255, 255, 255]);
  });

  test('neither overshoots nor rings by the triangle of a bilinear filter', () => {
    const step = { width: 4, height: 1, data: Uint8Array.from([0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]) };
    const red = ({ data }: Picture): number[] => [...data].filter((_, at) => at % 3 === 0);
    // By hand: a quarter and three quarters of 255 beside the edge.
    expect(red(resize(step, 8, 1, undefined, 'bilinear'))).toEqual([0, 0, 0, 64, 191, 255, 255, 255]);
    // Shrunk by two the triangle is four wide: weights 1/8, 3/8, 3/8, 1/8, at the border 3/7, 3/7, 1/7.
    expect(red(resize(step, 2, 1, undefined, 'bilinear'))).toEqual([36, 219]);
  });

  test('shortens columns before it narrows rows where Pillow does, unless told not to', () => {
    const picture: Picture = { ...ramp(40, 90), data: Uint8Array.from({ length: 10800 }, (_, at) => (at * 89) % 256) };
    const [size, whole] = [31, { left: 0, top: 0, width: 31, height: 31 }];
    const columns = resize(resize(picture, 40, size), size, size);
    const rows = resize(resize(picture, size, 90), size, size);
    expect(columns.data).not.toEqual(rows.data);
    expect(resize(picture, size, size)).toEqual(columns);
    expect(resizeWindow(picture, size, size, whole, 'bicubic', 'rowsFirst')).toEqual(rows);
    const window = { left: 5, top: 7, width: 11, height: 20 };
    expect(resizeWindow(picture, size, size, window)).toEqual(crop(columns, window));
  });

  test('names what is wrong with a size, a box or a filter', () => {
    const picture = ramp(4, 4);
    expect(() => resize(picture, 2, 2, undefined, 'box' as never)).toThrow(
      '`filter` must be bicubic or bilinear. Received: "box".',
    );
    expect(() => resize(picture, 0, 4)).toThrow('`width` must be a positive integer. Received: 0.');
    expect(() => resize(picture, 2, 2, { left: 2, top: 0, width: 3, height: 2 })).toThrow(
      '`box` must be whole pixels inside the picture. Received: 3 x 2 at (2, 0) of 4 x 4.',
    );
  });
});
