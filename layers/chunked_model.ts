import * as tf from '@tensorflow/tfjs-core';
import { layers, LayersModel, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkCount, inputList, shapeList, type LayerArgs } from './layer_args.js';
import { MapleError } from './errors.js';

/** Arguments of {@link chunkedModel}. */
export interface ChunkedModelArgs extends LayerArgs {
  /** A frozen model whose output rows depend on the same rows of its inputs alone. */
  model: LayersModel;
  /** Rows computed at once. */
  rows: number;
}

/** See {@link chunkedModel}. */
export class ChunkedModel extends layers.Layer {
  /** @nocollapse */
  static className = 'ChunkedModel';
  private readonly model: LayersModel;
  private readonly rows: number;

  constructor(args: ChunkedModelArgs) {
    super(args);
    this.model = args.model;
    this.rows = args.rows;
    checkCount('chunkedModel', 'rows', this.rows);
    this.model.trainable = false;
    if (this.model.outputs.length !== 1) {
      throw new MapleError(
        `chunkedModel: \`model\` must have one output. Received: "${this.model.name}" with ${this.model.outputs.length}.`,
      );
    }
  }

  override build(inputShape: Shape | Shape[]): void {
    const [given, wanted] = [shapeList(inputShape), this.model.inputs.map(({ shape }) => shape)];
    if (given.length !== wanted.length) {
      throw new MapleError(
        `chunkedModel: "${this.model.name}" takes ${wanted.length} inputs. Received: ${JSON.stringify(given)}.`,
      );
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [shapeList(inputShape)[0][0], ...this.model.outputs[0].shape.slice(1)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, ...others] = inputList(inputs);
      if (x.shape[0] <= this.rows) {
        return this.model.apply([x, ...others.map(constant)], kwargs) as tf.Tensor;
      }
      return this.inChunks([x, ...others]);
    });
  }

  // The model's weights are this layer's, or else fit, save and load would not see them.

  override get trainableWeights(): LayerVariable[] {
    return [];
  }

  override get nonTrainableWeights(): LayerVariable[] {
    // tfjs asks while its own constructor runs.
    return this.model?.weights ?? [];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const model = { className: 'Model', config: this.model.getConfig() };
    return { ...super.getConfig(), rows: this.rows, model: model as unknown as tf.serialization.ConfigDictValue };
  }

  /**
   * The layer, and the model in it, made from a configuration.
   * @nocollapse
   */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { config: inner } = config.model as unknown as { config: tf.serialization.ConfigDict };
    const model = LayersModel.fromConfig(LayersModel, inner, {}, true);
    return new cls({ ...config, model } as unknown as ChunkedModelArgs);
  }

  /**
   * Chunk after chunk, keeping nothing but the inputs. The backward pass works each chunk out again, with what its
   * gradient needs.
   */
  private inChunks([x, ...others]: tf.Tensor[]): tf.Tensor {
    const starts = Array.from({ length: Math.ceil(x.shape[0] / this.rows) }, (_, chunk) => chunk * this.rows);
    const part = (tensor: tf.Tensor, start: number): tf.Tensor =>
      tf.slice(tensor, start, Math.min(this.rows, tensor.shape[0] - start));
    const apply = (rows: tf.Tensor, rest: tf.Tensor[], training: boolean): tf.Tensor =>
      this.model.apply([rows, ...rest], { training }) as tf.Tensor;
    return tf.customGrad((input, save) => {
      const whole = input as tf.Tensor;
      (save as tf.GradSaveFunc)([whole, ...others]);
      const rowsAt = (tensors: tf.Tensor[], start: number) => tensors.map((tensor) => part(tensor, start));
      const forward = (start: number) => tf.tidy(() => apply(part(whole, start), rowsAt(others, start), false));
      return {
        value: tf.concat(starts.map(forward)),
        gradFunc: (dy: tf.Tensor, [saved, ...rest]: tf.Tensor[]) => {
          const backward = (start: number) =>
            tf.tidy(() => {
              const fixed = rowsAt(rest, start);
              return innerGradient((rows) => apply(rows, fixed, true), part(saved, start), part(dy, start));
            });
          return tf.concat(starts.map(backward));
        },
      };
    })(x);
  }
}
tf.serialization.registerClass(ChunkedModel);

/** A tensor that passes no gradient on, as the chunks' other inputs pass none. */
function constant(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: () => tf.zeros(x.shape),
  }))(x);
}

/**
 * The gradient of `f` at `x` within the backward pass of another gradient. tfjs has one tape, which the inner gradient
 * would take for its own and throw away.
 */
function innerGradient(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return tf.grad(f)(x, dy);
  } finally {
    state.activeTape = outer;
  }
}

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
