import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkArgs, checkCount, type LayerArgs } from './layer_args.js';

/** Arguments of {@link packedClassTokens}. */
export interface PackedClassTokensArgs extends LayerArgs {
  /** Number of classes. */
  classes: number;
  /** Tokens that all class prompts begin with. */
  shared: number;
  /** Tokens in all: the shared ones once, and each class's own. */
  tokens: number;
  /** Own tokens of the class that has most. */
  longest: number;
  /** Width of the token embeddings. */
  units: number;
}

/** See {@link packedClassTokens}. */
export class PackedClassTokens extends layers.Layer {
  /** @nocollapse */
  static className = 'PackedClassTokens';
  private readonly sizes: Record<'classes' | 'shared' | 'tokens' | 'longest' | 'units', number>;
  private readonly data: LayerVariable[] = [];

  constructor(args: PackedClassTokensArgs) {
    super(args);
    const { classes, shared, tokens, longest, units } = args;
    this.sizes = { classes, shared, tokens, longest, units };
    for (const [name, value] of Object.entries(this.sizes)) {
      checkCount('packedClassTokens', name, value);
    }
    const own = tokens - shared;
    if (own < classes || own > classes * longest) {
      throw new MapleError(
        `packedClassTokens: ${classes} classes have ${classes} to ${classes * longest} tokens of their own (\`tokens\` ` +
          `less \`shared\`). Received: ${own}.`,
      );
    }
    checkArgs('packedClassTokens', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    // Frozen whatever `trainable` says: class names are data. An untrained layer holds zeros until it is told them.
    for (const [name, shape] of this.shapes()) {
      this.data.push(this.addWeight(name, shape, 'float32', initializers.zeros(), undefined, false));
    }
    super.build(inputShape);
  }

  override computeOutputShape(): Shape[] {
    const [[, embeddings], ...others] = this.shapes();
    return [[1, ...embeddings], ...others.map(([, shape]) => shape)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor[] {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      // The model disposes what a call returns, so a weight is never returned itself.
      const [embeddings, ...others] = this.data.map((weight) => tf.clone(weight.read()));
      return [tf.expandDims(embeddings, 0), ...others];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.sizes };
  }

  private shapes(): [string, number[]][] {
    const { classes, shared, tokens, longest, units } = this.sizes;
    return [
      ['embeddings', [tokens, units]],
      ['positions', [tokens]],
      ['places', [classes, longest]],
      ['real', [tokens - shared]],
      ['ends', [classes]],
    ];
  }
}
tf.serialization.registerClass(PackedClassTokens);

/**
 * The source of a causal text tower that computes what all class prompts begin with only once, and no padding: their
 * shared tokens, then each class's own, one class after the other, as a single row. Prompt vectors among the shared
 * tokens are those of all classes. It is applied to the image input, which anchors it in the graph and which it ignores.
 *
 * **Input shape**: any (ignored). **Output shapes**: embeddings [1, tokens, units]; each token's position in its text
 * [tokens]; and for {@link transformerBlock} `places` [classes, longest], where each class's own tokens lie behind the
 * shared ones, -1 behind its end; `real` [tokens - shared], the inverse; `ends` [classes], where each class's end token
 * lies among its own.
 *
 * ```js
 * const args = {classes: 2, shared: 3, tokens: 8, longest: 3, units: 16};
 * const [embeddings, positions, places] = layers.packedClassTokens(args).apply(images);
 * embeddings.shape; // [1, 8, 16]
 * places.shape; // [2, 3]
 * ```
 *
 * @throws MapleError when the counts do not fit each other
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function packedClassTokens(args: PackedClassTokensArgs): PackedClassTokens {
  return new PackedClassTokens(args);
}
