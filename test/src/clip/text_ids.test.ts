import { beforeAll, describe, expect, test } from '@jest/globals';
import { idTensor, textIds } from '../../../src/clip/text_ids.js';
import { chooseBackend } from '../../../src/node/backend.js';

describe('textIds', () => {
  beforeAll(async () => {
    await chooseBackend('wasm');
  });

  const ids = [
    [8, 9],
    [8, 1, 2, 9],
  ];

  test('pads to the longest where the mask is causal', () => {
    expect(textIds(ids, { contextLength: 6 }, { padding: 9 }).arraySync()).toEqual([
      [8, 9, 0, 0],
      [8, 1, 2, 9],
    ]);
  });

  test("fills the context with the tokeniser's padding where it counts", () => {
    expect(textIds(ids, { causal: false, contextLength: 6 }, { padding: 3 }).arraySync()).toEqual([
      [8, 9, 3, 3, 3, 3],
      [8, 1, 2, 9, 3, 3],
    ]);
  });

  test('and where the last position is read behind a mask', () => {
    const shapes = (['end', 'last'] as const).map((pooling) => textIds(ids, { pooling, contextLength: 6 }).shape);
    expect(shapes).toEqual([
      [2, 4],
      [2, 6],
    ]);
  });

  test('refuses a text that is longer than the context', () => {
    expect(() => textIds(ids, { contextLength: 3 })).toThrow(/at most 3 tokens .* Received: 4/);
  });

  test('idTensor pads behind the end token', () => {
    const ids = idTensor([
      [8, 9],
      [8, 1, 2, 9],
    ]);
    expect(ids.arraySync()).toEqual([
      [8, 9, 0, 0],
      [8, 1, 2, 9],
    ]);
  });
});
