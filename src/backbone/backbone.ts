import type * as tf from '@tensorflow/tfjs-core';
import type { ImageStatistics } from '../clip/config.js';
import type { Towers, TowersConfig } from './contract.js';

/** Values of one weight, in the shape and layout that this library's layers hold. */
export interface WeightValues {
  shape: number[];
  values: Float32Array;
}

/**
 * Where a backbone's weights come from. Names are the library's own (`vision/block_0/attention/qkv/kernel`), whatever
 * the file calls them; a weight is read when asked for, so that the file is never held in memory as a whole.
 */
export interface WeightSource {
  /** Every weight there is. */
  readonly names: readonly string[];
  /** Shape of a weight, without reading its values. */
  shape(name: string): readonly number[];
  /** Reads one weight as float32. */
  read(name: string): Promise<WeightValues>;
}

/** What the builder asks of a tokeniser; {@link ClipTokenizer} is CLIP's. */
export interface TextTokenizer {
  /** Ids of a text, start (where there is one) and end token included, neither padded nor cut. */
  encode(text: string): number[];
  /** Id that stands behind the end token, where the text tower reads it. Default: 0. */
  readonly padding?: number;
}

/**
 * Turns sentences into vectors of one width: what `use.load()` of \@tensorflow-models/universal-sentence-encoder gives,
 * or any function.
 */
export type SentenceEncoder =
  | {
      /** Vectors of sentences [sentences, width]. */
      embed(sentences: string[]): Promise<tf.Tensor2D>;
    }
  | ((sentences: string[]) => Promise<tf.Tensor2D | readonly Float32Array[] | readonly number[][]>);

/** What all backbones have. */
export interface CommonBackbone {
  /** For people: a folder or hub name. */
  readonly name: string;
  /** Identity of the weights (SHA-256 of the weight file, hex), stored beside prompts learned on them. */
  readonly identity: string;
  /** What prompting asks of the towers; without `towers` a {@link ClipConfig}, which says how they are built. */
  readonly config: TowersConfig;
  readonly weights: WeightSource;
  readonly imageStatistics: ImageStatistics;
  /** How the towers are built. Default: transformers, as the configuration describes them. */
  readonly towers?: Towers;
}

/** A backbone whose text tower reads tokens. */
export interface TokenBackbone extends CommonBackbone {
  readonly tokenizer: TextTokenizer;
}

/** A backbone whose text tower is a sentence encoder, frozen and outside the model. */
export interface SentenceBackbone extends CommonBackbone {
  readonly encoder: SentenceEncoder;
}

/** A frozen vision-language model: its architecture, weights, reader of texts and image statistics. */
export type Backbone = TokenBackbone | SentenceBackbone;
