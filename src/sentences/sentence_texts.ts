import * as tf from '@tensorflow/tfjs-core';
import type { SentenceBackbone } from '../backbone/backbone.js';
import type { ClassSource, TextEmbeddings } from '../clip/class_source.js';
import type { PromptDesign } from '../prompting/design.js';
import { sentencesOf, type Descriptions } from './class_sentences.js';
import { classVectors, vectorTokens } from './sentence_vectors.js';

/** What {@link sentenceTexts} makes texts of. */
export interface SentenceTextArgs {
  design: Pick<PromptDesign, 'textLength' | 'prefix'>;
  classNames: readonly string[];
  /** Texts with `{}` in the class name's place; the vectors of several are averaged. */
  templates?: readonly string[];
  /** What is said of a class word for word, instead of its name. */
  descriptions?: Descriptions;
}

/**
 * Class texts for a sentence encoder: one vector each, behind places for the design's first prompt.
 * @throws MapleError for class names, descriptions or templates that cannot be used; `read` also for what the encoder
 * gives
 */
export function sentenceTexts(
  { encoder, config }: Pick<SentenceBackbone, 'encoder' | 'config'>,
  { design, classNames, templates, descriptions }: SentenceTextArgs,
): ClassSource {
  const { textLength: places, prefix } = design;
  const sentences = sentencesOf(classNames, { descriptions, templates, prefix });
  const { width } = config.text;
  const read = async (): Promise<TextEmbeddings> => {
    const vectors = await classVectors(encoder, sentences, width);
    const values = Float32Array.from(await vectors.data());
    vectors.dispose();
    const rows = (from: number, to: number): [tf.Tensor, tf.Tensor] => {
      const count = to - from;
      const tokens = tf.tidy(() =>
        vectorTokens(tf.tensor2d(values.subarray(from * width, to * width), [count, width]), places),
      );
      return [tokens, tf.fill([count], places)];
    };
    return { rows };
  };
  const classes = classNames.length;
  return { classes, templates: 1, length: places + 1, chunks: [{ from: 0, classes }], read };
}
