import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkCount, inputList, type LayerArgs } from './layer_args.js';
import { constant } from './recompute.js';
import { RecomputedModel } from './recomputed_model.js';

/** Arguments of {@link chunkedModel}. */
export interface ChunkedModelArgs extends LayerArgs {
  /** A frozen model whose output rows depend on the same rows of its inputs alone. */
  model: LayersModel;
  /** Rows computed at once. */
  rows: number;
}

/** See {@link chunkedModel}. */
export class ChunkedModel extends RecomputedModel {
  /** @nocollapse */
  static override className = 'ChunkedModel';
  private readonly rows: number;

  constructor(args: ChunkedModelArgs) {
    super(args);
    this.rows = args.rows;
    checkCount('chunkedModel', 'rows', this.rows);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, ...others] = inputList(inputs);
      if (x.shape[0] <= this.rows) {
        return this.model.apply([x, ...others.map(constant)], kwargs) as tf.Tensor;
      }
      const count = Math.ceil(x.shape[0] / this.rows);
      const sizes = Array.from({ length: count }, (_, chunk) => Math.min(this.rows, x.shape[0] - chunk * this.rows));
      const chunks = [x, ...others].map((input) => tf.split(input, sizes));
      return tf.concat(sizes.map((_, chunk) => this.recomputed(chunks.map((parts) => parts[chunk]))));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rows: this.rows };
  }

  protected override takes(count: number): boolean {
    return count === this.model.inputs.length;
  }

  protected override get kind(): string {
    return 'chunkedModel';
  }
}
tf.serialization.registerClass(ChunkedModel);

/**
 * A frozen model as a layer that is computed a few rows at a time, for inputs of more rows than fit into memory at
 * once: CoCoOp's text tower runs on images x classes texts. Same values and gradients as the model itself; the backward
 * pass costs a second forward pass, where there is more than one chunk.
 *
 * The gradient reaches the first input; the others (positions, masks) are taken as constants.
 *
 * **Input shapes**: the model's. **Output shape**: the model's.
 *
 * ```js
 * const x = tf.input({shape: [8]});
 * const model = tf.model({inputs: x, outputs: tf.layers.dense({units: 4}).apply(x)});
 * layers.chunkedModel({model, rows: 2}).apply(tf.ones([5, 8])).shape; // [5, 4]
 * ```
 *
 * @throws MapleError when the model has several outputs, or takes another number of inputs
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function chunkedModel(args: ChunkedModelArgs): ChunkedModel {
  return new ChunkedModel(args);
}
