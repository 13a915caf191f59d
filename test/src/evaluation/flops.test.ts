import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../../layers/errors.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { siglipConfigs } from '../../../src/clip/siglip_configs.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { clipParameters, countFlops } from '../../../src/evaluation/flops.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { classPromptIds } from '../../../src/prompting/class_prompts.js';
import { classTexts } from '../../../src/prompting/class_texts.js';
import { packedClassTexts } from '../../../src/prompting/packing.js';
import { METHODS, promptDesign, type Method } from '../../../src/prompting/presets.js';
import { tinyBackbone, tinyConfig } from '../../helpers/tiny_clip.js';
import { tinySiglip, tinySiglipConfig } from '../../helpers/tiny_siglip.js';

let backbone: TransformerBackbone;
let siglip: TransformerBackbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
  siglip = await tinySiglip();
});

const classNames = ['cat', 'dog', 'American Bulldog'];
const PRODUCTS = ['BatchMatMul', '_FusedMatMul'];
const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** Floating point operations of the matrix products that a model's forward pass asks of the backend. */
async function profiled(of: TransformerBackbone, method: Method, pruned: boolean): Promise<number> {
  const design = promptDesign(method, of.config);
  const model = await buildClip(of, { classNames, design, pruned });
  const { kernels } = await tf.profile(() => model.predict(tf.zeros([1, 16, 16, 3])) as tf.Tensor);
  model.dispose();
  const operations = kernels
    .filter(({ name }) => PRODUCTS.includes(name))
    .map(({ inputShapes: [a, b], outputShapes: [out] }) => {
      // Batch x M x K times batch x K x N: each side stands in two of three sizes, the batch in all.
      const batch = size((out as number[]).slice(0, -2));
      return 2 * Math.sqrt((size(a as number[]) * size(b as number[]) * size(out as number[])) / batch);
    });
  return operations.reduce((sum, count) => sum + count, 0);
}

describe('countFlops', () => {
  test('a tower of one block each, counted by hand', () => {
    const config = tinyConfig({ vision: { layers: 1 }, text: { layers: 1 } });
    const design = promptDesign('maple', config);
    const flops = countFlops(design, config, { classes: 3, textLength: 9, pruned: false });
    // 4 patches of 8 x 8 x 3; 1 + 4 + 2 tokens 32 wide; queries, keys, values, output; MLP 64; projection to 16.
    const image = 4 * 192 * 32 + 7 * 32 * (4 * 32 + 2 * 64) + 2 * 7 * 7 * 32 + 32 * 16;
    // 20 tokens 24 wide, MLP 48, one of 20 picked.
    const text = 20 * 24 * (4 * 24 + 2 * 48) + 2 * 20 * 20 * 24 + 20 * 24 + 24 * 16;
    expect(flops).toEqual({
      image: 2 * image,
      text: 2 * 3 * text,
      prompts: 2 * 2 * 24 * 32,
      head: 2 * 3 * 16,
      each: 2 * (image + 3 * text + 2 * 24 * 32 + 3 * 16),
      kept: 2 * (image + 3 * 16),
    });
  });

  // Class positions aside, every preset.
  test.each(METHODS.flatMap((method) => [true, false].map((pruned) => [method, pruned] as const)))(
    '%s, pruned %s: as many operations as the backend is asked for',
    async (method, pruned) => {
      const operations = await profiled(backbone, method, pruned);
      const design = promptDesign(method, backbone.config);
      const longest = Math.max(...classPromptIds(backbone, design, classNames).map((text) => text.length));
      const packing = packedClassTexts(design, classTexts(backbone, design, classNames));
      const packed = packing && { shared: packing.shared, own: packing.ends.map((end) => end + 1) };
      const counted = countFlops(design, backbone.config, { classes: 3, textLength: longest, packed, pruned });
      expect(operations).toBeGreaterThan(0);
      expect(counted.each).toBe(Math.round(operations));
    },
  );

  test('towers of SigLIP’s form, one block each, counted by hand', () => {
    const config = tinySiglipConfig({ vision: { layers: 1 }, text: { layers: 1 } });
    const design = promptDesign('maple', config);
    const count = (pruned: boolean) => countFlops(design, config, { classes: 3, textLength: 9, pruned });
    // 4 patches of 8 x 8 x 3; 4 + 2 tokens 32 wide in all of the block; MLP 64; no map behind the pool.
    const tokens = 4 * 192 * 32 + 6 * 32 * (4 * 32 + 2 * 64) + 2 * 6 * 6 * 32;
    // Query and output of one probe, its MLP; keys and values of 6 tokens, looked at once.
    const pool = 2 * 32 * 32 + 2 * 32 * 64;
    const official = tokens + pool + 6 * 2 * 32 * 32 + 2 * 6 * 32;
    // Without them each of 2 heads scores and sums up 6 tokens 32 wide, and one matrix product makes the values.
    const shorter = tokens + pool + 2 * 2 * 6 * 32 + 32 * 32;
    expect([count(false).image, count(true).image]).toEqual([2 * official, 2 * shorter]);
    // 20 tokens 24 wide whatever the texts, MLP 48; one picked, or one asked; mapped to 32.
    const all = 20 * 24 * (4 * 24 + 2 * 48) + 2 * 20 * 20 * 24 + 20 * 24 + 24 * 32;
    const one = 20 * 24 * 2 * 24 + 24 * (2 * 24 + 2 * 48) + 2 * 20 * 24 + 24 * 32;
    expect([count(false).text, count(true).text]).toEqual([2 * 3 * all, 2 * 3 * one]);
  });

  test.each(METHODS)('%s on SigLIP’s form: as many operations as the backend is asked for', async (method) => {
    const operations = await profiled(siglip, method, true);
    const counted = countFlops(promptDesign(method, siglip.config), siglip.config, { classes: 3 });
    expect(counted.each).toBe(Math.round(operations));
  });

  test('the image tower of SigLIP base/16 takes as much as ViT-B/16’s, and a pool more', () => {
    const config = siglipConfigs.siglipBase16At224;
    const { image } = countFlops(promptDesign('zeroShot', config), config, { classes: 1, pruned: false });
    // 196 tokens instead of 197; keys and values of the pool alone are 0.23 thousand million multiply-adds.
    expect(image / 2e9).toBeCloseTo(17.7, 1);
  });

  test('the image tower of ViT-B/16 takes 35 GFLOP a picture, its 17.6 thousand million multiply-adds doubled', () => {
    const config = clipConfigs.vitB16;
    const { image } = countFlops(promptDesign('zeroShot', config), config, { classes: 1, pruned: false });
    expect(image / 2e9).toBeCloseTo(17.56, 1);
  });

  test('templates multiply the text tower, and only that', () => {
    const config = clipConfigs.vitB16;
    const count = (templates: number) =>
      countFlops(promptDesign('zeroShot', config), config, { classes: 10, textLength: 12, templates });
    expect(count(7).text).toBe(7 * count(1).text);
    expect(count(7).kept).toBe(count(1).kept);
  });

  test('a fixed text is not part of a step, a learned one is', () => {
    const config = clipConfigs.vitB16;
    const count = (method: Method) => countFlops(promptDesign(method, config), config, { classes: 10, textLength: 12 });
    const [fixed, learned] = [count('vpt'), count('maple')];
    expect(fixed.each).toBe(fixed.image + fixed.head);
    expect(learned.each).toBe(learned.image + learned.head + learned.text + learned.prompts);
    expect(learned.kept).toBe(learned.image + learned.head);
  });

  test('nothing can be kept where prompts depend on the picture', () => {
    const config = clipConfigs.vitB16;
    const { each, kept } = countFlops(promptDesign('cocoop', config), config, { classes: 10, textLength: 12 });
    expect(kept).toBe(each);
  });

  test('tells which count is none', () => {
    const config = tinyConfig();
    const count = () => countFlops(promptDesign('maple', config), config, { classes: 0 });
    expect(count).toThrow(MapleError);
    expect(count).toThrow('`classes` must be a positive integer. Received: 0.');
  });
});

test('ViT-B/16 has as many parameters as published', () => {
  expect(clipParameters(clipConfigs.vitB16)).toBe(149_620_737);
});
