import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { canonicalShapes } from '../../../src/weights/canonical.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { tinyBackbone, tinyConfig, tinyTokenizer } from '../../helpers/tiny_clip.js';

const config = tinyConfig();

describe('randomWeights', () => {
  test('has every weight of a CLIP, in its shape and with finite values', async () => {
    const source = randomWeights(config, 1);
    expect(source.names).toEqual([...canonicalShapes(config).keys()]);
    for (const [name, shape] of canonicalShapes(config)) {
      const { shape: found, values } = await source.read(name);
      expect([found, source.shape(name)]).toEqual([shape, shape]);
      expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });

  test('repeats by seed, whatever was read before', async () => {
    const name = 'text/block_1/mlp/up/kernel';
    const one = randomWeights(config, 7);
    await one.read('vision/patches/kernel');
    const { values } = await one.read(name);
    expect((await randomWeights(config, 7).read(name)).values).toEqual(values);
    expect((await randomWeights(config, 8).read(name)).values).not.toEqual(values);
  });

  test('draws with the deviations of the official initialisation', async () => {
    const { values } = await randomWeights(config, 1).read('text/token_embedding/embeddings');
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 2);
    expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
  });

  test('refuses a configuration that cannot be built, and a name that is none', async () => {
    expect(() => randomWeights(tinyConfig({ text: { heads: 5 } }), 1)).toThrow(
      new MapleError('`text.width` must be a multiple of `text.heads`. Received: width=24, heads=5.'),
    );
    expect(() => randomWeights(config, 1).shape('text/nothing')).toThrow('A CLIP model has no weight "text/nothing".');
  });
});

describe('the tiny backbone of the tests', () => {
  test('has an embedding for each id, and room for its words', async () => {
    const tokenizer = await tinyTokenizer();
    const { config: tiny } = await tinyBackbone();
    expect(tokenizer.vocabularySize).toBeLessThanOrEqual(tiny.text.vocabularySize);
    expect(tokenizer.encode('a photo of a cat.')).toHaveLength(8);
  });
});
