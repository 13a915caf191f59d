import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { lookUp } from './functional.js';
import { checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';

/** Arguments of {@link tokenEmbedding}. */
export interface TokenEmbeddingArgs extends LayerArgs {
  /** Number of different tokens. */
  vocabularySize: number;
  /** Width of the token embeddings. */
  units: number;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link tokenEmbedding}. */
export class TokenEmbedding extends layers.Layer {
  /** @nocollapse */
  static className = 'TokenEmbedding';
  private readonly vocabularySize: number;
  private readonly units: number;
  private readonly seed: number | undefined;
  private embeddings!: LayerVariable;

  constructor(args: TokenEmbeddingArgs) {
    super(args);
    this.vocabularySize = args.vocabularySize;
    this.units = args.units;
    this.seed = args.seed ?? undefined;
    checkCount('tokenEmbedding', 'vocabularySize', this.vocabularySize);
    checkCount('tokenEmbedding', 'units', this.units);
  }

  override build(inputShape: Shape | Shape[]): void {
    checkInputs('tokenEmbedding', inputShape, [2]);
    const normal = initializers.randomNormal({ mean: 0, stddev: 0.02, seed: this.seed });
    this.embeddings = this.addWeight('embeddings', [this.vocabularySize, this.units], 'float32', normal);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const [[rows, length]] = checkInputs('tokenEmbedding', inputShape, [2]);
    return [[rows, length, this.units], [rows]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const ids = tf.cast(inputList(inputs)[0], 'int32');
      return [lookUp(this.embeddings.read(), ids), tf.cast(tf.argMax(ids, 1), 'float32')];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), vocabularySize: this.vocabularySize, units: this.units, seed: this.seed ?? null };
  }
}
tf.serialization.registerClass(TokenEmbedding);

/**
 * Looks up token embeddings and finds each text's end token, the highest id (CLIP's convention). For text towers
 * that read arbitrary texts; a classifier's class prompts come from {@link classTokens} instead.
 *
 * **Input shape**: ids [N, L]. **Output shapes**: embeddings [N, L, units], end positions [N].
 *
 * ```js
 * const [embeddings, ends] = layers.tokenEmbedding({vocabularySize: 10, units: 4}).apply(tf.tensor2d([[8, 1, 9, 0]]));
 * ends.arraySync(); // [2]
 * ```
 *
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function tokenEmbedding(args: TokenEmbeddingArgs): TokenEmbedding {
  return new TokenEmbedding(args);
}
