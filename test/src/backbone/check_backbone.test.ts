import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { checkBackbone } from '../../../src/backbone/check_backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { ownBackbone } from '../../helpers/own_towers.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

beforeAll(async () => {
  await chooseBackend('wasm');
});

describe('a backbone that somebody makes', () => {
  test('of transformers, of towers of its own or with an encoder is complete', async () => {
    const [tiny, own] = [await tinyBackbone(), await ownBackbone()];
    const withEncoder = { ...own, tokenizer: undefined, encoder: async () => [[1]] };
    for (const backbone of [tiny, own, withEncoder]) {
      expect(() => checkBackbone(backbone)).not.toThrow();
    }
  });

  test.each<[string, object, RegExp]>([
    ['name', { name: '' }, /`name` of the backbone must be a text/],
    ['identity', { identity: undefined }, /`identity` of the backbone must be a text.* Received: undefined/],
    [
      'text tower',
      { config: { embedDim: 16, vision: {} } },
      /`config.text` of the backbone must be.* Received: undefined/,
    ],
    ['configuration', { config: undefined }, /`config.vision` of the backbone must be/],
    [
      'weights',
      { weights: { names: [] } },
      /`weights` .*\{ names, shape\(name\), read\(name\) \}. Received: an object with names/,
    ],
    ['statistics', { imageStatistics: { mean: [0, 0, 0] } }, /`imageStatistics` .* \{ mean, deviation \}/],
    ['a tower', { towers: { image: () => undefined } }, /`towers` .* two functions\. Received: an object with image/],
    ['both towers', { towers: undefined }, /`towers` .* unless the configuration is that of two transformers/],
    [
      'tokeniser',
      { tokenizer: undefined },
      /`tokenizer` of the backbone must be \{ encode\(text\) \}.* Received: undefined/,
    ],
    ['method of the tokeniser', { tokenizer: {} }, /`tokenizer` .* Received: an object with nothing/],
  ])('without its %s is refused before anything is built', async (_, wrong, message) => {
    const own = await ownBackbone();
    const backbone = { ...own, ...wrong } as Backbone;
    const design = promptDesign('coop', own.config);
    await expect(buildClip(backbone, { classNames: ['cat', 'dog'], design })).rejects.toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ['no ids', [], /`encode` of the tokeniser must give a list of ids.* Received: \[\] for "a photo of a cat\."/],
    ['nothing', undefined, /must give a list of ids, the end token last\. Received: undefined/],
    ['ids beyond the embeddings', [0, 5, 6, 7, 8, 9, 10, 49407], /integers from 0 to 559, .* 560 .* Received: 49407/],
    ['what is no id', [0, 5, 6, 7, 8, 9, 1.5, 559], /integers from 0 to 559, .* Received: 1\.5\. Give the tokeniser/],
  ])('whose tokeniser gives %s is refused, with nothing left behind', async (_, ids, message) => {
    const backbone = await tinyBackbone();
    const wrong = { ...backbone, tokenizer: { encode: () => ids as number[] } };
    const before = tf.memory().numTensors;
    for (const method of ['zeroShot', 'coop', 'maple'] as const) {
      const design = promptDesign(method, backbone.config);
      await expect(buildClip(wrong, { classNames: ['cat', 'dog'], design })).rejects.toThrow(message);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
