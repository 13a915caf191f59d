import { describe, expect, test } from '@jest/globals';
import { matchClassNames } from '../../../src/evaluation/match_class_names.js';

describe('matchClassNames', () => {
  test('finds names in any order, however they are spaced, capitalised or composed', () => {
    const { labels, unknown } = matchClassNames(
      ['american_bulldog', 'Cafe\u0301', 'cat', 'zebra'],
      ['cat', 'caf\u00e9', 'American  Bulldog'],
    );
    expect(labels).toEqual([2, 1, 0, undefined]);
    expect(unknown).toEqual(['zebra']);
  });

  test('an exact name goes before one that is alike', () => {
    expect(matchClassNames(['Polish', 'polish'], ['polish', 'Polish']).labels).toEqual([1, 0]);
  });

  test('refuses what cannot be told apart', () => {
    expect(() => matchClassNames(['POLISH'], ['polish', 'Polish'])).toThrow(
      'The class "POLISH" of the data could be "polish" or "Polish" of the model.',
    );
    expect(() => matchClassNames(['a_b', 'a b'], ['a b', 'c'])).toThrow(
      'The classes "a_b" and "a b" of the data are both "a b" to the model. Join or rename one of them.',
    );
  });

  test('refuses data of which the model knows nothing', () => {
    expect(() => matchClassNames(['owl'], ['1', '2', '3', '4', '5', '6'])).toThrow(
      'None of the data\'s classes is one of the model\'s. The data has "owl"; the model "1", "2", "3", "4", "5" and 1 more.',
    );
  });
});
