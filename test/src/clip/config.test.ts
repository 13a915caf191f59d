import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { validateClipConfig } from '../../../src/clip/config.js';
import { tinyConfig, type TinyClipOverrides } from '../../helpers/tiny_clip.js';

describe('validateClipConfig', () => {
  test('takes a model that can be built', () => {
    expect(() => validateClipConfig(tinyConfig())).not.toThrow();
  });

  test.each<[TinyClipOverrides, string]>([
    [{ embedDim: 0 }, '`embedDim` must be a positive integer. Received: 0.'],
    [{ vision: { layers: 1.5 } }, '`vision.layers` must be a positive integer. Received: 1.5.'],
    [{ text: { mlpWidth: -1 } }, '`text.mlpWidth` must be a positive integer. Received: -1.'],
    [{ text: { contextLength: NaN } }, '`text.contextLength` must be a positive integer. Received: NaN.'],
    [{ text: { vocabularySize: 0 } }, '`text.vocabularySize` must be a positive integer. Received: 0.'],
    [{ vision: { heads: 3 } }, '`vision.width` must be a multiple of `vision.heads`. Received: width=32, heads=3.'],
    [
      { text: { activation: 'relu' as 'gelu' } },
      '`text.activation` must be quickGelu or gelu or geluTanh. Received: "relu".',
    ],
    [{ vision: { epsilon: 0 } }, '`vision.epsilon` must be a positive number. Received: 0.'],
    [
      { vision: { patchSize: 17 } },
      '`vision.imageSize` must be at least `vision.patchSize`. Received: imageSize=16, patchSize=17.',
    ],
    [
      { vision: { pooling: 'mean' as 'attention' } },
      '`vision.pooling` must be classToken or attention. Received: "mean".',
    ],
    [
      { vision: { projection: false } },
      'Without `vision.projection` the image feature is as wide as the tower: `embedDim` must be `vision.width`. ' +
        'Received: embedDim=16, width=32.',
    ],
    [
      { text: { causal: false } },
      '`text.causal: false` needs `text.pooling: last`: what stands behind the end token would be seen, and how far a ' +
        'text is padded would count. Received: pooling=end.',
    ],
  ])('refuses %j', (change, message) => {
    expect(() => validateClipConfig(tinyConfig(change))).toThrow(new MapleError(message));
  });
});
