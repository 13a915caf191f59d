import * as tf from '@tensorflow/tfjs-core';
import { attendHeads, attendHeadsBack, joinHeads, splitHeads, type AttentionForm } from './attention_form.js';
import { causalMask, causalMaskAt, lookUp } from './functional.js';

/** Texts that begin alike, packed: the shared prefix once, then every text's own tokens one after the other. */
export interface PackedFormArgs {
  heads: number;
  /** Where each text's own tokens lie behind the prefix [C, s]; -1 behind a text's end. */
  places: tf.Tensor;
  /** The inverse [T]: where each of those tokens lies in `places`, row by row. */
  real: tf.Tensor;
  /** The one token a text that asks, as its place among the text's own [C]. Default: all tokens ask. */
  ends?: tf.Tensor;
}

/**
 * Causal attention of packed texts. Under the causal mask nothing behind the prefix changes it, so it is computed once;
 * a text's own tokens see the prefix and those of their text before them. The same numbers as with a row a text.
 */
export function packedForm({ heads, places, real, ends }: PackedFormArgs): AttentionForm {
  const [texts, longest] = places.shape as [number, number];
  const shared = (tokens: tf.Tensor): number => tokens.shape[0] - real.shape[0];
  const index = tf.cast(tf.relu(places), 'int32');
  const filled = tf.reshape(tf.cast(tf.greaterEqual(places, 0), 'float32'), [-1, 1]);
  const order = tf.cast(real, 'int32');
  // What stands behind a text's end is whatever, and no token before it looks there.
  const unpack = (own: tf.Tensor): tf.Tensor => lookUp(own, tf.reshape(index, [-1]));
  const pack = (rows: tf.Tensor): tf.Tensor => lookUp(rows, order);
  const forAll = (ofPrefix: tf.Tensor): tf.Tensor => tf.tile(ofPrefix, [texts, 1, 1, 1]);

  return {
    attend(parts) {
      const tokens = parts[parts.length - 1];
      const kinds = ends ? 2 : 3;
      const [prefix, own] = tf.split(tokens, [shared(tokens), real.shape[0]]);
      const ofPrefix = splitHeads(prefix, 1, kinds, heads);
      const ofOwn = splitHeads(unpack(own), texts, kinds, heads);
      const [key, value] = [kinds - 2, kinds - 1].map((at) => tf.concat([forAll(ofPrefix[at]), ofOwn[at]], 2));
      if (ends) {
        const mask = causalMaskAt(tf.add(ends, shared(tokens)), shared(tokens) + longest);
        return attendHeads(splitHeads(parts[0], texts, 1, heads)[0], key, value, mask);
      }
      const first = attendHeads(ofPrefix[0], ofPrefix[1], ofPrefix[2], causalMask(shared(tokens)));
      const then = attendHeads(ofOwn[0], key, value, causalMask(longest, shared(tokens)));
      return { output: tf.concat([first.output, pack(then.output)]), kept: [...then.kept, ...first.kept] };
    },
    back(gradient, kept) {
      const ofTexts = (ofOutput: tf.Tensor): { prefix: tf.Tensor[]; own: tf.Tensor[]; query: tf.Tensor } => {
        const [query, key, value] = attendHeadsBack(splitHeads(ofOutput, texts, 1, heads)[0], kept.slice(0, 4));
        const length = (key.shape[2] as number) - longest;
        const parts = [key, value].map((whole) => tf.split(whole, [length, longest], 2));
        const prefix = parts.map(([ofPrefix]) => tf.sum(ofPrefix, 0, true));
        return { prefix, own: parts.map(([, ofOwn]) => ofOwn), query };
      };
      if (ends) {
        const { prefix, own, query } = ofTexts(gradient);
        return [joinHeads([query]), tf.concat([joinHeads(prefix), pack(joinHeads(own))])];
      }
      const [ofPrefix, ofOwn] = tf.split(gradient, [shared(gradient), real.shape[0]]);
      const { prefix, own, query } = ofTexts(tf.mul(unpack(ofOwn), filled));
      const [first, ...seen] = attendHeadsBack(splitHeads(ofPrefix, 1, 1, heads)[0], kept.slice(4));
      const both = seen.map((byPrefix, at) => tf.add(byPrefix, prefix[at]));
      return [tf.concat([joinHeads([first, ...both]), pack(joinHeads([query, ...own]))])];
    },
  };
}

/** Where the asking tokens lie among all packed ones, int32 [C]. */
export function packedEnds(places: tf.Tensor, ends: tf.Tensor, shared: number): tf.Tensor {
  const [texts, longest] = places.shape as [number, number];
  const flat = tf.add(tf.mul(tf.range(0, texts, 1, 'float32'), longest), ends);
  const own = tf.gather(tf.reshape(places, [-1]), tf.cast(flat, 'int32') as tf.Tensor1D);
  return tf.cast(tf.add(own, shared), 'int32') as tf.Tensor1D;
}
