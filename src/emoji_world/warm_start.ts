import * as tf from '@tensorflow/tfjs-core';
import type { TextTokenizer, TokenBackbone, WeightValues } from '../backbone/backbone.js';
import { promptStart, type TowersConfig } from '../backbone/contract.js';
import { towerVariables, type ClipTowers } from '../clip/build_towers.js';

/** Positions of pictures, whose first is the class token's in CLIP's form. */
const PICTURE_POSITIONS = 'vision/positions/positions';
const TOKENS = 'text/token_embedding/embeddings';
/** Another loss has another temperature. */
const HEAD = /^logits\//;

/**
 * Starts towers from those of another form that were trained on the same pictures and captions: every weight of the same
 * name and shape, the positions of the same patches, and the embeddings of words that both tokenisers know whole. What
 * only the new form has starts as it was drawn.
 * @returns names of the weights that were taken over, whole or in part
 */
export async function startFrom(
  towers: ClipTowers,
  tokenizer: TextTokenizer,
  from: TokenBackbone,
  words: readonly string[],
): Promise<string[]> {
  const known = new Set(from.weights.names);
  const taken: string[] = [];
  for (const variable of towerVariables(towers)) {
    const { originalName: name } = variable;
    if (!known.has(name) || HEAD.test(name)) {
      continue;
    }
    const before = await from.weights.read(name);
    const shape = variable.shape as number[];
    const values =
      name === TOKENS
        ? withWords(variable.read(), before, words, [tokenizer, towers.config], [from.tokenizer, from.config])
        : withoutFirst(name, before, shape);
    if (values !== undefined) {
      const written = tf.tensor(values, shape);
      variable.write(written);
      written.dispose();
      taken.push(name);
    }
  }
  return taken;
}

/** Values of the wanted shape: all, or all but the class token's position. */
function withoutFirst(name: string, { shape, values }: WeightValues, wanted: number[]): Float32Array | undefined {
  const first = name === PICTURE_POSITIONS && shape[0] === wanted[0] + 1 ? shape[1] : 0;
  return values.length - first === tf.util.sizeFromShape(wanted) ? values.subarray(first) : undefined;
}

/** What cuts a text, and the towers that say what stands around it. */
type Reader = [tokenizer: TextTokenizer, config: TowersConfig];

/** The drawn table with the rows of words that are one token in both. */
function withWords(
  drawn: tf.Tensor,
  { shape: [, width], values }: WeightValues,
  words: readonly string[],
  ...readers: [now: Reader, then: Reader]
): Float32Array {
  const table = Float32Array.from(drawn.dataSync());
  for (const word of words) {
    const [now, then] = readers.map((reader) => wordTokens(word, reader));
    if (now.length === 1 && then.length === 1) {
      table.set(values.subarray(then[0] * width, (then[0] + 1) * width), now[0] * width);
    }
  }
  return table;
}

/** A word's own ids, between the start token, if there is one, and the end token. */
function wordTokens(word: string, [tokenizer, { text }]: Reader): number[] {
  return tokenizer.encode(word).slice(promptStart(text), -1);
}
