import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { loadClipTokenizer } from '../../../src/node/clip_tokenizer.js';
import { randomBackbone } from '../../../src/node/random_backbone.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';
import { tinySiglipConfig } from '../../helpers/tiny_siglip.js';

const TEXT = 'a photo of a tench.';

beforeAll(() => chooseBackend('wasm'));

test('a CLIP of the usual vocabulary reads CLIP’s own ids', async () => {
  const { tokenizer } = await randomBackbone(tinyConfig({ text: { vocabularySize: 49_408 } }), 'a CLIP');
  expect(tokenizer.encode(TEXT)).toEqual((await loadClipTokenizer()).encode(TEXT));
});

test('a SigLIP reads as many tokens without the start, of its own vocabulary, the last at the end only', async () => {
  const config = tinySiglipConfig({ text: { vocabularySize: 300 } });
  const { tokenizer } = await randomBackbone(config, 'a SigLIP');
  const ids = tokenizer.encode(TEXT);
  expect(ids).toHaveLength((await loadClipTokenizer()).encode(TEXT).length - 1);
  expect(ids[ids.length - 1]).toBe(299);
  expect(Math.max(...ids.slice(0, -1))).toBeLessThan(299);
});

test('either is built and computes', async () => {
  for (const config of [tinyConfig(), tinySiglipConfig()]) {
    const backbone = await randomBackbone(config, 'random');
    const design = promptDesign('maple', config);
    const model = await buildClip(backbone, { classNames: ['tench', 'goldfish', 'white shark'], design });
    const logits = model.predict(tf.zeros([2, 16, 16, 3])) as tf.Tensor;
    expect(logits.shape).toEqual([2, 3]);
    expect((await logits.data()).every(Number.isFinite)).toBe(true);
    model.dispose();
  }
});
