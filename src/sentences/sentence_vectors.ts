import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import type { SentenceEncoder } from '../backbone/backbone.js';

/** Sentences that an encoder is given at once: a thousand descriptions would be too many tokens for one pass. */
const AT_ONCE = 64;

/**
 * What a sentence encoder makes of sentences, checked.
 * @param sentences - none of them empty
 * @param width - what each vector must have; default: as many as the first
 * @returns [sentences, width], to be disposed by the caller
 * @throws MapleError when the encoder gives another number of vectors, vectors of another width, values that are not
 * finite, or a vector of zeros
 */
export async function sentenceVectors(
  encoder: SentenceEncoder,
  sentences: readonly string[],
  width?: number,
): Promise<tf.Tensor2D> {
  checkSentences(sentences);
  const parts: tf.Tensor2D[] = [];
  try {
    for (let first = 0; first < sentences.length; first += AT_ONCE) {
      const some = sentences.slice(first, first + AT_ONCE);
      const part = toTensor(await ask(encoder, some), some);
      parts.push(part);
      checkShape(part, some, width ?? parts[0].shape[1]);
      await checkValues(part, some);
    }
    return tf.concat(parts);
  } finally {
    tf.dispose(parts);
  }
}

/**
 * One vector a class: the mean of its sentences' vectors. The map behind it is linear, so that the mean of the vectors
 * is the mean of their features.
 * @param sentences - one or more a class, as `sentencesOf` gives them
 * @returns [classes, width], to be disposed by the caller
 * @throws MapleError as {@link sentenceVectors}
 */
export async function classVectors(
  encoder: SentenceEncoder,
  sentences: readonly (readonly string[])[],
  width?: number,
): Promise<tf.Tensor2D> {
  const vectors = await sentenceVectors(encoder, sentences.flat(), width);
  const means = tf.tidy(() => {
    let first = 0;
    const ofEach = sentences.map(({ length }) => {
      const mean = tf.mean(tf.slice(vectors, [first, 0], [length, -1]), 0);
      first += length;
      return mean;
    });
    return tf.stack(ofEach) as tf.Tensor2D;
  });
  vectors.dispose();
  return means;
}

/**
 * Class vectors as the tokens of a text: `places` zeros, which the learned vectors take, then the vector itself.
 * @param vectors - [classes, width]
 * @returns [classes, places + 1, width]
 */
export function vectorTokens(vectors: tf.Tensor2D, places: number): tf.Tensor3D {
  return tf.tidy(() =>
    tf.pad(tf.expandDims(vectors, 1) as tf.Tensor3D, [
      [0, 0],
      [places, 0],
      [0, 0],
    ]),
  );
}

function checkSentences(sentences: readonly string[]): void {
  const wrong = sentences.findIndex((sentence) => typeof sentence !== 'string' || sentence.trim() === '');
  if (sentences.length === 0 || wrong >= 0) {
    const received = sentences.length === 0 ? 'none' : `${JSON.stringify(sentences[wrong])} at ${wrong}`;
    throw new MapleError(`A sentence encoder must be given sentences that are not empty. Received: ${received}.`);
  }
}

async function ask(encoder: SentenceEncoder, sentences: string[]): Promise<unknown> {
  if (typeof encoder === 'function') {
    return encoder(sentences);
  }
  if (typeof (encoder as Partial<typeof encoder> | undefined)?.embed !== 'function') {
    throw new MapleError(
      'A sentence encoder must be a function from sentences to vectors, or have a method `embed(sentences)`, as what ' +
        `load() of @tensorflow-models/universal-sentence-encoder gives. Received: ${typeof encoder}.`,
    );
  }
  return encoder.embed(sentences);
}

/** Takes over a tensor, or makes one of rows of numbers. */
function toTensor(answer: unknown, sentences: readonly string[]): tf.Tensor2D {
  if (answer instanceof tf.Tensor) {
    return answer as tf.Tensor2D;
  }
  const rows = Array.isArray(answer) ? (answer as unknown[]) : [];
  const isRow = (row: unknown): row is ArrayLike<number> => Array.isArray(row) || row instanceof Float32Array;
  if (rows.length === 0 || !rows.every(isRow)) {
    throw new MapleError(
      'A sentence encoder must give a tensor [sentences, width] of this copy of tfjs-core, or a list of vectors. ' +
        `Received for ${sentences.length} sentences: ${describe(answer)}.`,
    );
  }
  const width = rows[0].length;
  const other = rows.findIndex((row) => row.length !== width);
  if (other >= 0) {
    throw new MapleError(
      `A sentence encoder must give vectors of one width. Received: ${width} numbers for "${sentences[0]}", ` +
        `${rows[other].length} for "${sentences[other]}".`,
    );
  }
  const values = new Float32Array(rows.length * width);
  rows.forEach((row, index) => values.set(row, index * width));
  return tf.tensor2d(values, [rows.length, width]);
}

function describe(answer: unknown): string {
  const shape = (answer as { shape?: unknown } | null | undefined)?.shape;
  return Array.isArray(shape) ? `a tensor of another copy of tfjs-core, [${shape.join(', ')}]` : String(answer);
}

function checkShape(vectors: tf.Tensor, sentences: readonly string[], width: number): void {
  const [count, found] = vectors.shape;
  if (vectors.rank !== 2 || count !== sentences.length || found !== width || width === 0) {
    throw new MapleError(
      `A sentence encoder must give [${sentences.length}, ${width || 'width'}] for ${sentences.length} sentences. ` +
        `Received: [${vectors.shape.join(', ')}]. Is it the encoder that the text tower was aligned with?`,
    );
  }
}

async function checkValues(vectors: tf.Tensor2D, sentences: readonly string[]): Promise<void> {
  const values = await vectors.data();
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const sentence = sentences[Math.floor(wrong / vectors.shape[1])];
    throw new MapleError(
      `A sentence encoder must give finite numbers. Received: ${values[wrong]} for "${sentence}". ` +
        'Is the encoder loaded whole, and does its backend have the precision it needs?',
    );
  }
  const width = vectors.shape[1];
  const empty = sentences.findIndex((_, at) => values.subarray(at * width, (at + 1) * width).every((one) => one === 0));
  if (empty >= 0) {
    throw new MapleError(
      `A sentence encoder must give vectors with a direction. Received: zeros only for "${sentences[empty]}". ` +
        'Does the encoder know the words and the language?',
    );
  }
}
