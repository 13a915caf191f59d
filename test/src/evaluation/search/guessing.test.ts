import { expect, test } from '@jest/globals';
import { guessReason } from '../../../../src/evaluation/search/guessing.js';

test.each([
  ['near ln(classes)', { loss: 2.29, classes: 10 }, 'a loss of 2.29, where guessing among 10 classes has 2.30'],
  [
    'above ln(classes)',
    { loss: 5, classes: 10, startLoss: 6 },
    'a loss of 5.00, where guessing among 10 classes has 2.30',
  ],
  ['no number', { loss: NaN, classes: 10 }, 'a loss of NaN, where guessing among 10 classes has 2.30'],
  ['above its start', { loss: 0.9, classes: 10, startLoss: 0.4 }, 'a loss of 0.90, above the 0.40 before the training'],
])('a loss %s is a guess', (_, signs, reason) => expect(guessReason(signs)).toBe(reason));

test.each([
  ['below both', { loss: 0.5, classes: 10, startLoss: 0.7 }],
  ['well below ln(classes), the start unknown', { loss: 2.1, classes: 10 }],
  ['far below a start that was worse than guessing', { loss: 1.6, classes: 10, startLoss: 5.2 }],
])('a loss %s is none', (_, signs) => expect(guessReason(signs)).toBeUndefined());
