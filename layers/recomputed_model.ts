import * as tf from '@tensorflow/tfjs-core';
import { layers, LayersModel, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkCount, inputList, shapeList, type LayerArgs } from './layer_args.js';
import { MapleError } from './errors.js';
import { recompute } from './recompute.js';

/** Arguments of {@link recomputedModel}. */
export interface RecomputedModelArgs extends LayerArgs {
  /** A frozen model of one output. */
  model: LayersModel;
  /**
   * How many inputs, the first of them, the gradient reaches; the others (positions, masks) are constants. Default: 1.
   */
  learned?: number;
}

/** See {@link recomputedModel}. */
export class RecomputedModel extends layers.Layer {
  /** @nocollapse */
  static className = 'RecomputedModel';
  protected readonly model: LayersModel;
  protected readonly learned: number;

  constructor(args: RecomputedModelArgs) {
    super(args);
    this.model = args.model;
    this.learned = args.learned ?? 1;
    this.model.trainable = false;
    const { inputs, outputs, name } = this.model;
    checkCount(this.kind, 'learned', this.learned);
    if (this.learned > inputs.length) {
      throw new MapleError(
        `${this.kind}: \`learned\` must be at most the number of the model's inputs. Received: ${this.learned}, and ` +
          `"${name}" takes ${inputs.length}.`,
      );
    }
    if (outputs.length !== 1) {
      throw new MapleError(`${this.kind}: \`model\` must have one output. Received: "${name}" with ${outputs.length}.`);
    }
  }

  override build(inputShape: Shape | Shape[]): void {
    const [given, wanted] = [shapeList(inputShape), this.model.inputs.map(({ shape }) => shape)];
    if (given.length !== wanted.length) {
      throw new MapleError(
        `${this.kind}: "${this.model.name}" takes ${wanted.length} inputs. Received: ${JSON.stringify(given)}.`,
      );
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return this.model.computeOutputShape(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      return this.recomputed(inputList(inputs));
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
    return { ...super.getConfig(), learned: this.learned, model: model as unknown as tf.serialization.ConfigDictValue };
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
    return new cls({ ...config, model } as unknown as RecomputedModelArgs);
  }

  /** The model's output, of which the backward pass is a computation of its own. */
  protected recomputed(inputs: tf.Tensor[]): tf.Tensor {
    const run = (learned: tf.Tensor[], constants: tf.Tensor[], training: boolean) =>
      this.model.apply([...learned, ...constants], { training }) as tf.Tensor;
    return recompute(run, inputs.slice(0, this.learned), inputs.slice(this.learned));
  }

  /** The factory's name, for messages. */
  protected get kind(): string {
    return 'recomputedModel';
  }
}
tf.serialization.registerClass(RecomputedModel);

/**
 * A frozen model as a layer that keeps only its inputs for the backward pass and is computed once more there (gradient
 * checkpointing): applied to many inputs in turn, it takes the memory of one. Same values and gradients as the model
 * itself, for the time of a second forward pass.
 *
 * **Input shapes**: the model's. **Output shape**: the model's.
 *
 * ```js
 * const x = tf.input({shape: [8]});
 * const model = tf.model({inputs: x, outputs: tf.layers.dense({units: 4}).apply(x)});
 * layers.recomputedModel({model}).apply(tf.ones([5, 8])).shape; // [5, 4]
 * ```
 *
 * @throws MapleError when the model has several outputs, takes another number of inputs, or fewer than `learned`
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function recomputedModel(args: RecomputedModelArgs): RecomputedModel {
  return new RecomputedModel(args);
}
