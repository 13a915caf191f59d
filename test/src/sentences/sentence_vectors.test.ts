import { describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { SentenceEncoder } from '../../../src/backbone/backbone.js';
import { classVectors, sentenceVectors, vectorTokens } from '../../../src/sentences/sentence_vectors.js';

/** A sentence's number of characters and of words. */
const counts = (sentences: string[]) => sentences.map((text) => [text.length, text.split(' ').length]);

async function valuesOf(encoder: unknown, sentences: string[], width?: number): Promise<unknown> {
  const vectors = await sentenceVectors(encoder as SentenceEncoder, sentences, width);
  const values = await vectors.array();
  vectors.dispose();
  return values;
}

describe('vectors of sentences', () => {
  test('come from a function or an object, as lists, typed arrays or a tensor', async () => {
    const expected = [
      [3, 1],
      [5, 2],
    ];
    const sentences = ['cat', 'a dog'];
    expect(await valuesOf(async (texts: string[]) => counts(texts), sentences)).toEqual(expected);
    expect(
      await valuesOf(async (texts: string[]) => counts(texts).map((row) => Float32Array.from(row)), sentences),
    ).toEqual(expected);
    const embed = async (texts: string[]) => tf.tensor2d(counts(texts));
    expect(await valuesOf({ embed }, sentences)).toEqual(expected);
  });

  test('an encoder that is an object is asked as its method, some sentences at a time', async () => {
    const encoder = {
      asked: [] as number[],
      async embed(texts: string[]) {
        this.asked.push(texts.length);
        return tf.tensor2d(counts(texts));
      },
    };
    const sentences = Array.from({ length: 150 }, (_, index) => 'x'.repeat(index + 1));
    const before = tf.memory().numTensors;
    const values = (await valuesOf(encoder, sentences, 2)) as number[][];
    expect(encoder.asked).toEqual([64, 64, 22]);
    expect(values.map(([length]) => length)).toEqual(sentences.map(({ length }) => length));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('of a class are the mean of its sentences', async () => {
    const encoder: SentenceEncoder = async (texts) => counts(texts);
    const vectors = await classVectors(encoder, [['cat'], ['a', 'a dog', 'dogs']]);
    const values = await vectors.array();
    expect(values[0]).toEqual([3, 1]);
    expect(values[1][0]).toBeCloseTo(10 / 3, 5);
    expect(values[1][1]).toBeCloseTo(4 / 3, 5);
    vectors.dispose();
  });

  test('stand behind the places of the prompt', async () => {
    const tokens = vectorTokens(tf.tensor2d([[1, 2]]), 2);
    expect(await tokens.array()).toEqual([
      [
        [0, 0],
        [0, 0],
        [1, 2],
      ],
    ]);
    expect(vectorTokens(tf.tensor2d([[1, 2]]), 0).shape).toEqual([1, 1, 2]);
  });

  test.each<[string, unknown, string[], RegExp]>([
    ['no sentences', counts, [], /must be given sentences that are not empty\. Received: none/],
    ['an empty sentence', counts, ['cat', ' '], /Received: " " at 1/],
    ['no encoder', undefined, ['cat'], /must be a function from sentences to vectors, or have a method `embed/],
    ['an object without embed', { encode: counts }, ['cat'], /must be a function.*Received: object/],
    ['nothing', async () => undefined, ['cat'], /Received for 1 sentences: undefined/],
    ['no rows', async () => [], ['cat'], /or a list of vectors/],
    ['rows of other widths', async () => [[1, 2], [1]], ['cat', 'dog'], /2 numbers for "cat", 1 for "dog"/],
    ['too few', async () => [[1, 2]], ['cat', 'dog'], /must give \[2, 3\] for 2 sentences\. Received: \[1, 2\]/],
    ['another width', async () => [[1, 2]], ['cat'], /must give \[1, 3\] for 1 sentences\. Received: \[1, 2\]/],
    ['another rank', async () => tf.ones([1, 3, 1]), ['cat'], /Received: \[1, 3, 1\]/],
    ['NaN', async () => [[1, NaN, 3]], ['cat'], /must give finite numbers\. Received: NaN for "cat"/],
    [
      'zeros',
      async () => [
        [1, 0, 0],
        [0, 0, 0],
      ],
      ['cat', 'chat'],
      /with a direction\. Received: zeros only for "chat"/,
    ],
    ['a tensor of another tfjs', async () => ({ shape: [1, 3] }), ['cat'], /another copy of tfjs-core, \[1, 3\]/],
  ])('%s is refused', async (_, encoder, sentences, message) => {
    const before = tf.memory().numTensors;
    await expect(sentenceVectors(encoder as SentenceEncoder, sentences, 3)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
