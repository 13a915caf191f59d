import { describe, expect, test } from '@jest/globals';
import { validateClipConfig } from '../../../src/clip/config.js';
import { SiglipTokenizer } from '../../../src/tokenizers/siglip_tokenizer.js';
import { randomCaption } from '../../../src/emoji_world/captions.js';
import { emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { emojiSiglipConfig, emojiSiglipTokenizer } from '../../../src/emoji_world/tiny_models.js';
import { wordPieceTokenizer } from '../../../src/emoji_world/word_pieces.js';
import { Random } from '../../../src/random.js';

describe('wordPieceTokenizer', () => {
  const tokenizer = wordPieceTokenizer(['A photo of a fire fighter!', 'big cat']);
  const encode = (text: string) => tokenizer.encode(text);

  test('knows words whole, whatever their case and punctuation, with an end and no start', () => {
    const ids = encode('a photo of a cat');
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(5); // "a" stands twice
    expect(ids[5]).toBe(tokenizer.endToken);
    expect(encode('A photo, of a CAT.')).toEqual(ids);
    expect(tokenizer.padding).toBe(tokenizer.endToken);
  });

  test('spells other words with a known beginning and letters, and marks what it has no letter for', () => {
    const [fire, s] = [encode('fire')[0], encode('fires')[1]];
    expect(encode('fires')).toEqual([fire, s, tokenizer.endToken]);
    const unknown = 2;
    expect(encode('fire')).not.toContain(unknown);
    expect(encode('żółw')).toContain(unknown);
  });

  test('is the same from its files', () => {
    const { files } = tokenizer;
    const again = SiglipTokenizer.fromJson(files['tokenizer.json'], files['tokenizer_config.json']);
    expect(again.vocabularySize).toBe(tokenizer.vocabularySize);
    for (const text of ['A photo of a firefighter.', 'big cats', '', 'żółw']) {
      expect(again.encode(text)).toEqual(encode(text));
    }
  });
});

describe("the tiny model in SigLIP's form", () => {
  test('reads its captions in whole words, within its context', () => {
    const tokenizer = emojiSiglipTokenizer();
    const config = emojiSiglipConfig(tokenizer.vocabularySize);
    validateClipConfig(config);
    expect(tokenizer.vocabularySize).toBe(3723);
    const random = new Random(1);
    for (const concept of emojiConcepts()) {
      const label = tokenizer.encode(`a photo of a ${concept.label}.`);
      const words = concept.label.split(' ').filter((word) => /[a-z0-9]/.test(word));
      expect(label).toHaveLength(words.length + 5);
      expect(label.length).toBeLessThanOrEqual(config.text.contextLength);
      // The first ids are for what is unknown, and for letters.
      const caption = tokenizer.encode(randomCaption(concept, random)).slice(0, -1);
      expect(Math.min(...caption)).toBeGreaterThan(3 + 36);
    }
  });
});
