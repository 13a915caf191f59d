import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { l2Normalize } from './functional.js';
import { checkCount, checkInputs, checkPositive, inputList, type LayerArgs } from './layer_args.js';
import { normalStart } from './normal_start.js';

/** Arguments of {@link cacheLogits}. */
export interface CacheLogitsArgs extends LayerArgs {
  /** Number of keys: training pictures. */
  keys: number;
  /** Number of classes. */
  classes: number;
  /** Weight of what the keys say. Default: 1, the paper's first guess. */
  alpha?: number;
  /** How fast a key's say falls with its distance. Default: 5.5, the paper's first guess. */
  beta?: number;
}

/** See {@link cacheLogits}. */
export class CacheLogits extends layers.Layer {
  /** @nocollapse */
  static className = 'CacheLogits';
  private readonly keyCount: number;
  private readonly classes: number;
  private readonly alpha: number;
  private readonly beta: number;
  private keys!: LayerVariable;
  private labels!: LayerVariable;

  constructor(args: CacheLogitsArgs) {
    super(args);
    this.keyCount = args.keys;
    this.classes = args.classes;
    this.alpha = args.alpha ?? 1;
    this.beta = args.beta ?? 5.5;
    checkCount('cacheLogits', 'keys', this.keyCount);
    checkCount('cacheLogits', 'classes', this.classes);
    checkPositive('cacheLogits', 'alpha', this.alpha);
    checkPositive('cacheLogits', 'beta', this.beta);
  }

  override build(inputShape: Shape | Shape[]): void {
    const [[, width]] = checkInputs('cacheLogits', inputShape, [2]);
    const normal = normalStart((width as number) ** -0.5);
    this.keys = this.addWeight('keys', [this.keyCount, width], 'float32', normal);
    this.labels = this.addWeight('labels', [this.keyCount], 'float32', initializers.zeros(), undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [[batch]] = checkInputs('cacheLogits', inputShape, [2]);
    return [batch, this.classes];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [features] = inputList(inputs);
      const near = nearness(tf.matMul(l2Normalize(features), this.keys.read(), false, true), this.beta);
      return tf.mul(tf.matMul(near, oneHotRows(this.labels.read(), this.classes)), this.alpha);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { keyCount: keys, classes, alpha, beta } = this;
    return { ...super.getConfig(), keys, classes, alpha, beta };
  }
}
tf.serialization.registerClass(CacheLogits);

/** exp(-beta (1 - cosine)), Tip-Adapter's measure of how near a picture is to a key: 1 where they are the same. */
export function nearness(cosines: tf.Tensor, beta: number): tf.Tensor {
  return tf.exp(tf.mul(tf.sub(cosines, 1), beta));
}

/** Classes [N] as rows [N, classes] of one 1 each. */
export function oneHotRows(labels: tf.Tensor, classes: number): tf.Tensor2D {
  const indices = tf.cast(labels, 'int32') as tf.Tensor1D;
  // tf.oneHot refuses a single class.
  const rows = classes === 1 ? tf.equal(tf.expandDims(indices, 1), 0) : tf.oneHot(indices, classes);
  return tf.cast(rows, 'float32') as tf.Tensor2D;
}

/**
 * What a few training pictures say of an image feature, Tip-Adapter's cache (Zhang et al., ECCV 2022): every key gives
 * its class alpha * exp(-beta (1 - cosine)). To be added to the logits of {@link cosineLogits}. Image features are scaled
 * to unit length here, keys are taken as they are: those of Tip-Adapter are of unit length, those of Tip-Adapter-F have
 * been trained from there.
 *
 * Weights: `keys` [keys, d]; `labels` [keys], the class of each, which no training changes.
 *
 * **Input shape**: image features [B, d]. **Output shape**: [B, classes].
 *
 * ```js
 * layers.cacheLogits({keys: 32, classes: 2}).apply(tf.ones([4, 8])).shape; // [4, 2]
 * ```
 *
 * @throws MapleError for counts below 1, or an alpha or beta that is not positive
 * @doc {heading: 'Layers', subheading: 'Heads', namespace: 'layers'}
 */
export function cacheLogits(args: CacheLogitsArgs): CacheLogits {
  return new CacheLogits(args);
}
