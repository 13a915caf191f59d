import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkArgs, checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** See {@link sentencePool}. */
export class SentencePool extends layers.Layer {
  /** @nocollapse */
  static className = 'SentencePool';

  constructor(args?: LayerArgs) {
    super(args);
    checkArgs('sentencePool', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.computeOutputShape(inputShape);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [[rows, length, width]] = checkInputs('sentencePool', inputShape, [3]);
    if (!length) {
      throw new MapleError(
        'sentencePool: the number of tokens must be known and at least 1, the sentence itself. Received: ' +
          `${JSON.stringify([rows, length, width])}.`,
      );
    }
    return [rows, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x] = inputList(inputs);
      const length = x.shape[1] as number;
      if (length === 1) {
        return tf.squeeze(x, [1]);
      }
      const [prompts, sentence] = tf.split(x, [length - 1, 1], 1);
      return tf.add(tf.squeeze(sentence, [1]), tf.mean(prompts, 1));
    });
  }
}
tf.serialization.registerClass(SentencePool);

/**
 * The feature of a sentence that learned prompt vectors shift: the last token, which is the vector of the whole sentence,
 * plus the mean of the tokens before it, which {@link deepTextPrompt} wrote there with `start: 0`. Without any, L = 1, the
 * sentence's vector itself. For a sentence encoder outside the graph, where no attention mixes prompts and text.
 *
 * **Input shape**: [N, L, d]. **Output shape**: [N, d].
 *
 * ```js
 * const sentences = tf.concat([tf.zeros([3, 2, 16]), tf.ones([3, 1, 16])], 1);
 * const prompted = layers.deepTextPrompt({length: 2, start: 0}).apply(sentences);
 * layers.sentencePool().apply(prompted).shape; // [3, 16]
 * ```
 *
 * @throws MapleError when the number of tokens is unknown or 0
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function sentencePool(args?: LayerArgs): SentencePool {
  return new SentencePool(args);
}
