import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { lookUp } from './functional.js';
import { checkArgs, checkChoice, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';
import { normalStart } from './normal_start.js';

/** Where a text ends: at its highest id, or at the last position of the row, padded or not. */
export type Ends = 'highest' | 'last';

/** Names of the choices, for checking arguments. */
const ENDS: readonly Ends[] = ['highest', 'last'];

/** Arguments of {@link tokenEmbedding}. */
export interface TokenEmbeddingArgs extends LayerArgs {
  /** Number of different tokens. */
  vocabularySize: number;
  /** Width of the token embeddings. */
  units: number;
  /** Which token of a text is its end: `highest`, the highest id (CLIP), or `last` (SigLIP). Default: `highest`. */
  ends?: Ends;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link tokenEmbedding}. */
export class TokenEmbedding extends layers.Layer {
  /** @nocollapse */
  static className = 'TokenEmbedding';
  private readonly vocabularySize: number;
  private readonly units: number;
  private readonly ends: Ends;
  private readonly seed: number | undefined;
  private embeddings!: LayerVariable;

  constructor(args: TokenEmbeddingArgs) {
    super(args);
    this.vocabularySize = args.vocabularySize;
    this.units = args.units;
    this.ends = args.ends ?? 'highest';
    this.seed = args.seed ?? undefined;
    checkCount('tokenEmbedding', 'vocabularySize', this.vocabularySize);
    checkCount('tokenEmbedding', 'units', this.units);
    checkChoice('tokenEmbedding', 'ends', this.ends, ENDS);
    checkArgs('tokenEmbedding', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    checkInputs('tokenEmbedding', inputShape, [2]);
    const normal = normalStart(0.02, this.seed);
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
      const [rows, length] = ids.shape as [number, number];
      const ends = this.ends === 'last' ? tf.fill([rows], length - 1) : tf.cast(tf.argMax(ids, 1), 'float32');
      return [lookUp(this.embeddings.read(), ids), ends];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      vocabularySize: this.vocabularySize,
      units: this.units,
      ends: this.ends,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }
}
tf.serialization.registerClass(TokenEmbedding);

/**
 * Looks up token embeddings and tells each text's end token: the highest id (CLIP's convention), or with
 * `ends: 'last'` that at the row's last position (SigLIP's, whose texts are padded and the padding is read). For text
 * towers that read arbitrary texts; a classifier's class prompts come from {@link classTokens} instead.
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
