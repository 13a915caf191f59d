import { describe, expect, test } from '@jest/globals';
import { captionVocabulary, randomCaption } from '../../../src/emoji_world/captions.js';
import { emojiConcepts, type Concept } from '../../../src/emoji_world/concepts.js';
import { Random } from '../../../src/random.js';

const bare: Concept = { id: '1', label: 'thing', tags: [], group: 'objects', subgroup: 'tool' };
const tagged: Concept = { ...bare, tags: ['gadget', 'gizmo', 'gear'] };
const draw = (concept: Concept, count: number): string[] => {
  const random = new Random(1);
  return Array.from({ length: count }, () => randomCaption(concept, random));
};

describe('randomCaption', () => {
  test('is most often the text that tuned models start from', () => {
    const captions = draw(tagged, 1000);
    const share = captions.filter((caption) => caption === 'a photo of a thing.').length / 1000;
    expect(Math.abs(share - 0.4)).toBeLessThan(0.05);
    expect(new Set(captions).size).toBeGreaterThan(15);
    expect(captions.filter((caption) => !caption.includes('thing') || /[{}]/.test(caption))).toEqual([]);
  });

  test('never repeats a tag, nor needs one that is not there', () => {
    const pairs = draw(tagged, 500).flatMap((caption) => /(\w+) and (\w+)/.exec(caption) ?? []);
    expect(pairs.length).toBeGreaterThan(50);
    expect(draw(tagged, 500).filter((caption) => /(\b\w+) and \1\b/.test(caption))).toEqual([]);
    expect(draw(bare, 500).filter((caption) => /undefined| and |,/.test(caption))).toEqual([]);
  });
});

describe('captionVocabulary', () => {
  test('has every word of every caption', () => {
    const concepts = emojiConcepts();
    const words = (text: string): string[] => text.match(/[a-z0-9#*'-]+|[.,]/g) ?? [];
    const known = new Set(captionVocabulary(concepts).flatMap(words));
    const random = new Random(2);
    const captions = concepts.flatMap((concept) => [1, 2, 3, 4].map(() => randomCaption(concept, random)));
    expect(captions.flatMap(words).filter((word) => !known.has(word))).toEqual([]);
    expect(captionVocabulary([bare])).not.toContain('');
  });
});
