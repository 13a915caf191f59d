import type { ClipConfig, ImageStatistics } from '../clip/config.js';

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
  /** Ids of a text, start and end token included, neither padded nor cut. */
  encode(text: string): number[];
}

/** A frozen vision-language model: its architecture, weights, tokeniser and image statistics. */
export interface Backbone {
  /** For people: a folder or hub name. */
  readonly name: string;
  /** Identity of the weights (SHA-256 of the weight file, hex), stored beside prompts learned on them. */
  readonly identity: string;
  readonly config: ClipConfig;
  readonly tokenizer: TextTokenizer;
  readonly weights: WeightSource;
  readonly imageStatistics: ImageStatistics;
}
