import type * as tf from '@tensorflow/tfjs-core';
import type { Packing } from '../prompting/packing.js';

/** The texts that stand for the classes, as a text tower reads them: of tokens, or one vector each. */
export interface ClassSource {
  readonly classes: number;
  /** Texts a class: more than one of fixed texts only, whose features are averaged. */
  readonly templates: number;
  /** Tokens of a text, padding included. */
  readonly length: number;
  /** The classes in the parts in which a text tower that learned prompts stand in takes them, in order. */
  readonly chunks: readonly ClassChunk[];
  /** Reads the embeddings. */
  read(): Promise<TextEmbeddings>;
}

/** Classes that a text tower takes at once: all of them, or a part where all take too much memory. */
export interface ClassChunk {
  /** The first of them, among all classes. */
  readonly from: number;
  readonly classes: number;
  /** Positions of each class's prompt vectors [classes, textLength], where they differ between classes. */
  readonly slots?: readonly number[][];
  /** What all their texts begin with once, where that is exact and the tower takes it. */
  readonly packing?: Packing;
}

/** Embeddings of class texts, as tensors made when they are asked for. */
export interface TextEmbeddings {
  /** Of texts `from` to `to`, class by class: embeddings [N, length, width], positions of their features [N]. */
  rows(from: number, to: number): [embeddings: tf.Tensor, ends: tf.Tensor];
  /** Of packed tokens [tokens, width]; where there is a packing. */
  packed?(packing: Packing): tf.Tensor;
  /** What the first prompt starts as [textLength, width]. Default: as it was drawn. */
  firstPrompt?(): tf.Tensor;
}
