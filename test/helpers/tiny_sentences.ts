import * as tf from '@tensorflow/tfjs-core';
import type { SentenceBackbone, SentenceEncoder } from '../../src/backbone/backbone.js';
import { Random } from '../../src/random.js';
import { sentenceBackbone } from '../../src/sentences/sentence_backbone.js';
import { tinyBackbone } from './tiny_clip.js';

/** Width of {@link wordEncoder}'s vectors. */
export const WIDTH = 12;

/** A function from sentences to vectors: the sum of a random vector for each word. */
export const wordEncoder: SentenceEncoder = async (sentences) =>
  sentences.map((sentence) => {
    const vector = new Float32Array(WIDTH);
    for (const word of sentence.split(/[\s.]+/).filter((piece) => piece !== '')) {
      const random = new Random(5).fork(word);
      vector.forEach((_, at) => (vector[at] += random.normal()));
    }
    return vector;
  });

/** The tiny CLIP's image tower, and the word encoder behind a random map. */
export async function tinySentenceBackbone(
  encoder: SentenceEncoder = wordEncoder,
  seed = 3,
): Promise<SentenceBackbone> {
  const image = await tinyBackbone();
  const random = new Random(seed);
  const values = Float32Array.from({ length: WIDTH * image.config.embedDim }, () => random.normal(0, 0.5));
  const kernel = { shape: [WIDTH, image.config.embedDim], values };
  return sentenceBackbone({ image, encoder, map: { kernel, logitScale: Math.log(10) } });
}

/** A sentence's vector by the word encoder. */
export async function vectorOf(sentence: string): Promise<Float32Array> {
  const [vector] = (await (wordEncoder as (of: string[]) => Promise<Float32Array[]>)([sentence])) as Float32Array[];
  return vector;
}

/** The rows scaled to unit length. */
export function unitRows(x: tf.Tensor): tf.Tensor {
  return tf.div(x, tf.norm(x, 'euclidean', 1, true));
}
