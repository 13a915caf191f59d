import { describe, expect, test } from '@jest/globals';
import { sentencesOf } from '../../../src/sentences/class_sentences.js';

const prefix = 'a photo of a';

describe('the sentences of classes', () => {
  test('are the prefix and the name, a template and the name, or a description word for word', () => {
    expect(sentencesOf(['cat', 'polar_bear'], { prefix })).toEqual([
      ['a photo of a cat.'],
      ['a photo of a polar bear.'],
    ]);
    expect(sentencesOf(['cat'], { prefix: '' })).toEqual([['cat.']]);
    const templates = ['an emoji of a {}.', '{}, and again {}'];
    expect(sentencesOf(['cat'], { prefix, templates })).toEqual([['an emoji of a cat.', 'cat, and again cat']]);
    const descriptions = { cat: 'Whiskers_and {} claws', dog: ['Barks.', 'Fetches.'] };
    expect(sentencesOf(['dog', 'owl', 'cat'], { prefix, descriptions })).toEqual([
      ['Barks.', 'Fetches.'],
      ['a photo of a owl.'],
      ['Whiskers_and {} claws'],
    ]);
  });

  test('names that are properties of every object are names', () => {
    expect(sentencesOf(['constructor', 'toString'], { prefix, descriptions: { cat: 'x' } })).toEqual([
      ['a photo of a constructor.'],
      ['a photo of a toString.'],
    ]);
    expect(sentencesOf(['$& $1'], { prefix, templates: ['a {}.'] })).toEqual([['a $& $1.']]);
  });

  test.each<[string, () => unknown, string]>([
    ['no classes', () => sentencesOf([], { prefix }), 'must name at least one class'],
    [
      'an empty name',
      () => sentencesOf(['cat', ' _'], { prefix }),
      '`classNames[1]` must not be empty. Received: " _".',
    ],
    ['twins', () => sentencesOf(['sea_lion', 'sea lion'], { prefix }), '"sea lion" at 1 reads as "sea_lion" before it'],
    ['no templates', () => sentencesOf(['cat'], { prefix, templates: [] }), 'at least one text with {}'],
    ['a template without a place', () => sentencesOf(['cat'], { prefix, templates: ['cat'] }), 'Received: "cat".'],
    [
      'an empty description',
      () => sentencesOf(['cat'], { prefix, descriptions: { cat: ['fine', ' '] } }),
      '`descriptions` of class "cat" must be a sentence, or a list of sentences. Received: ["fine"," "].',
    ],
    ['no description', () => sentencesOf(['cat'], { prefix, descriptions: { cat: [] } }), 'Received: [].'],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
