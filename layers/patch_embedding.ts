import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { MapleError } from './errors.js';
import { checkArgs, checkCount, checkInputs, inputList, type LayerArgs } from './layer_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link patchEmbedding}. */
export interface PatchEmbeddingArgs extends LayerArgs {
  /** Side of a patch, in pixels; at most the sides of the image. */
  patchSize: number;
  /** Width of the token vectors. */
  units: number;
  /** Whether a learned class token stands first. Default: true; false for SigLIP, which pools all patches. */
  classToken?: boolean;
  /** Whether the convolution adds a bias. Default: false; true for SigLIP. */
  useBias?: boolean;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link patchEmbedding}. */
export class PatchEmbedding extends layers.Layer {
  /** @nocollapse */
  static className = 'PatchEmbedding';
  private readonly patchSize: number;
  private readonly units: number;
  private readonly hasClassToken: boolean;
  private readonly useBias: boolean;
  private readonly seed: number | undefined;
  private kernel!: LayerVariable;
  private bias?: LayerVariable;
  private classToken?: LayerVariable;

  constructor(args: PatchEmbeddingArgs) {
    super(args);
    this.patchSize = args.patchSize;
    this.units = args.units;
    this.hasClassToken = args.classToken ?? true;
    this.useBias = args.useBias ?? false;
    this.seed = args.seed ?? undefined;
    checkCount('patchEmbedding', 'patchSize', this.patchSize);
    checkCount('patchEmbedding', 'units', this.units);
    checkArgs('patchEmbedding', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const channels = this.checkedShape(inputShape)[3] as number;
    const { patchSize, units, seed } = this;
    const shape = [patchSize, patchSize, channels, units];
    this.kernel = this.addWeight('kernel', shape, 'float32', initializers.glorotUniform({ seed }));
    if (this.useBias) {
      this.bias = this.addWeight('bias', [units], 'float32', initializers.zeros());
    }
    if (this.hasClassToken) {
      const token = normalStart(1 / Math.sqrt(units), seed);
      this.classToken = this.addWeight('class_token', [units], 'float32', token);
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [rows, height, width] = this.checkedShape(inputShape) as [number, number, number];
    const patches = Math.floor(height / this.patchSize) * Math.floor(width / this.patchSize);
    return [rows, patches + (this.hasClassToken ? 1 : 0), this.units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [images] = inputList(inputs);
      const [rows, height, width, channels] = images.shape as [number, number, number, number];
      const side = this.patchSize;
      const [down, across] = [Math.floor(height / side), Math.floor(width / side)];
      const whole = [rows, down * side, across * side, channels] as [number, number, number, number];
      const used = height % side === 0 && width % side === 0 ? images : tf.slice(images, [0, 0, 0, 0], whole);
      // A convolution whose stride is its size is one matrix product over the patches laid out as rows.
      const cut = tf.reshape(used, [rows * down, side, across, side * channels]);
      const patches = tf.reshape(tf.transpose(cut, [0, 2, 1, 3]), [rows * down * across, side * side * channels]);
      const kernel = tf.reshape(this.kernel.read(), [side * side * channels, this.units]);
      const product = tf.matMul(patches, kernel);
      const mapped = this.bias ? tf.add(product, this.bias.read()) : product;
      const tokens = tf.reshape(mapped, [rows, down * across, this.units]);
      if (!this.classToken) {
        return tokens;
      }
      const first = tf.add(tf.zeros([rows, 1, this.units]), this.classToken.read());
      return tf.concat([first, tokens], 1);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      patchSize: this.patchSize,
      units: this.units,
      classToken: this.hasClassToken,
      useBias: this.useBias,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }

  private checkedShape(inputShape: Shape | Shape[]): Shape {
    const [shape] = checkInputs('patchEmbedding', inputShape, [4]);
    const [, height, width] = shape;
    if (!height || !width || height < this.patchSize || width < this.patchSize) {
      throw new MapleError(
        `patchEmbedding: the image's sides must be known, and at least \`patchSize\`. ` +
          `Received: images ${JSON.stringify(shape)}, patchSize=${this.patchSize}.`,
      );
    }
    return shape;
  }
}
tf.serialization.registerClass(PatchEmbedding);

/**
 * Cuts images into patches and maps each to a vector: a convolution with stride = patch, in CLIP without bias. CLIP's
 * learned class token stands first; `classToken: false` leaves the patches alone, for a tower that pools them all
 * ({@link attentionPool}).
 *
 * **Input shape**: [B, H, W, channels]. **Output shape**: [B, 1 + patches, units], without class token [B, patches, units].
 *
 * ```js
 * const patches = layers.patchEmbedding({patchSize: 8, units: 16});
 * patches.apply(tf.zeros([1, 32, 32, 3])).shape; // [1, 17, 16]
 * const siglip = layers.patchEmbedding({patchSize: 8, units: 16, classToken: false, useBias: true});
 * siglip.apply(tf.zeros([1, 32, 32, 3])).shape; // [1, 16, 16]
 * ```
 *
 * What is left over at the right and lower side, where a side is no multiple of the patch, belongs to none.
 *
 * @throws MapleError when the image is smaller than a patch
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function patchEmbedding(args: PatchEmbeddingArgs): PatchEmbedding {
  return new PatchEmbedding(args);
}
