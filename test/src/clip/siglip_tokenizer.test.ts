import { describe, expect, test } from '@jest/globals';
import { SiglipTokenizer } from '../../../src/clip/siglip_tokenizer.js';
import { siglipTokenizerFixture } from '../../helpers/siglip_tokenizers.js';

describe.each(['siglip', 'siglip2'] as const)('SiglipTokenizer of %s', (name) => {
  const { json, config, cases } = siglipTokenizerFixture(name);
  const tokenizer = SiglipTokenizer.fromJson(json, config);

  test('gives the ids of transformers', () => {
    expect(cases.length).toBeGreaterThan(300);
    const others = cases.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join());
    expect(others.map(({ text, ids }) => ({ text, ids, received: tokenizer.encode(text) }))).toEqual([]);
  });
});
