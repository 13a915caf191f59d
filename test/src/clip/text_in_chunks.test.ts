import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip, type ClipModelOptions } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { loadPromptFiles, promptFiles } from '../../../src/weights/prompt_files.js';
import { largestDifference } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let backbone: Backbone;
let images: tf.Tensor4D;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone({ text: { layers: 6 } });
  images = tf.randomNormal([1, 16, 16, 3], 0, 1, 'float32', 5);
});
afterEach(() => tf.disposeVariables());

const WORDS = ['cat', 'dog', 'fox', 'owl', 'toy', 'car', 'tree', 'bird', 'boat', 'sea'];
const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `${WORDS[index % 10]} ${WORDS[Math.floor(index / 10) % 10]} ${index}`);
const build = (options: Partial<ClipModelOptions> = {}) =>
  buildClip(backbone, { classNames: names(5), design: promptDesign('maple', backbone.config), ...options });

/** Bytes held at most while gradients are computed, beside what was held before. */
async function peakOf(model: LayersModel): Promise<number> {
  const step = () => tf.variableGrads(() => tf.sum(tf.square(model.apply(images, { training: true }) as tf.Tensor)));
  const { numBytes } = tf.memory();
  const { peakBytes } = await tf.profile(() => step().value);
  return peakBytes - numBytes;
}

describe('a text tower in chunks', () => {
  test('takes next to no more memory the more classes there are', async () => {
    const peaks = new Map<string, number>();
    for (const [classes, textRows] of [
      [40, 20],
      [160, 20],
      [40, 1000],
      [160, 1000],
    ]) {
      const model = await build({ classNames: names(classes), textRows });
      peaks.set(`${classes} in ${textRows}`, await peakOf(model));
      model.dispose();
    }
    // Of a further class its tokens are there, which tfjs counts once for each tensor that has them; no more.
    const growth = (rows: number) => (peaks.get(`160 in ${rows}`) as number) - (peaks.get(`40 in ${rows}`) as number);
    expect(growth(20)).toBeLessThan(0.1 * growth(1000));
    expect(peaks.get('160 in 20')).toBeLessThan(0.25 * (peaks.get('160 in 1000') as number));
  });

  test('takes prompts that were learned with all classes at once, and gives them back', async () => {
    const whole = await build({ seed: 4 });
    const inChunks = await loadPromptFiles(await promptFiles(whole), backbone, { textRows: 2 });
    expect(inChunks.getLayer('text/tower').getClassName()).toBe('RecomputedModel');
    const logits = whole.predict(images) as tf.Tensor;
    expect(largestDifference(inChunks.predict(images) as tf.Tensor, logits)).toBeLessThan(1e-5);
    const back = await loadPromptFiles(await promptFiles(inChunks), backbone);
    expect(largestDifference(back.predict(images) as tf.Tensor, logits)).toBe(0);
  });

  test.each([0, -1, 2.5, NaN, Infinity])('`textRows` of %d is refused', async (textRows) => {
    await expect(build({ textRows })).rejects.toThrow(
      new MapleError(`\`textRows\` must be an integer of at least 1. Received: ${textRows}.`),
    );
  });
});
