import * as tf from '@tensorflow/tfjs-core';
import { layers, LayersModel, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkArgs, checkCount, inputList, shapeList, type LayerArgs } from './layer_args.js';
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
  /**
   * How many inputs, the first of them, are given once for all, where the others are given several times over. Default:
   * none.
   */
  shared?: number;
}

/** See {@link recomputedModel}. */
export class RecomputedModel extends layers.Layer {
  /** @nocollapse */
  static className = 'RecomputedModel';
  protected readonly model: LayersModel;
  private readonly learned: number;
  private readonly shared: number;

  constructor(args: RecomputedModelArgs) {
    super(args);
    this.model = args.model;
    this.learned = args.learned ?? 1;
    this.shared = args.shared ?? 0;
    this.model.trainable = false;
    const { inputs, outputs, name } = this.model;
    checkCount(this.kind, 'learned', this.learned);
    checkCount(this.kind, 'shared', this.shared, 0);
    if (this.learned > inputs.length || this.shared >= inputs.length) {
      throw new MapleError(
        `${this.kind}: \`learned\` must be at most the number of the model's inputs, \`shared\` less. Received: ` +
          `learned=${this.learned}, shared=${this.shared}, and "${name}" takes ${inputs.length}.`,
      );
    }
    if (outputs.length !== 1) {
      throw new MapleError(`${this.kind}: \`model\` must have one output. Received: "${name}" with ${outputs.length}.`);
    }
    checkArgs(this.kind, this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const given = shapeList(inputShape);
    if (!this.takes(given.length)) {
      const several = this.shared > 0 ? `, all but the first ${this.shared} once or several times over` : '';
      throw new MapleError(
        `${this.kind}: "${this.model.name}" takes ${this.model.inputs.length} inputs${several}. ` +
          `Received: ${JSON.stringify(given)}.`,
      );
    }
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shapes = this.times(shapeList(inputShape)).map((inputs) => this.model.computeOutputShape(inputs) as Shape);
    const rows = shapes.map(([count]) => count);
    return [rows.some((count) => count === null) ? null : sum(rows as number[]), ...shapes[0].slice(1)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const outputs = this.times(inputList(inputs)).map((once) => this.recomputed(once));
      return outputs.length === 1 ? outputs[0] : tf.concat(outputs);
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
    const { learned, shared } = this;
    return { ...super.getConfig(), learned, shared, model: model as unknown as tf.serialization.ConfigDictValue };
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

  /** Whether it can be given so many inputs. */
  protected takes(count: number): boolean {
    const own = count - this.shared;
    return own > 0 && own % (this.model.inputs.length - this.shared) === 0;
  }

  /** The model's inputs, once or several times, of as many as the layer was given. */
  private times<T>(given: T[]): T[][] {
    const { shared } = this;
    const size = this.model.inputs.length - shared;
    const count = (given.length - shared) / size;
    const own = (time: number): T[] => given.slice(shared + time * size, shared + (time + 1) * size);
    return Array.from({ length: count }, (_, time) => [...given.slice(0, shared), ...own(time)]);
  }

  /** The factory's name, for messages. */
  protected get kind(): string {
    return 'recomputedModel';
  }
}
tf.serialization.registerClass(RecomputedModel);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * A frozen model as a layer that keeps only its inputs for the backward pass and is computed once more there (gradient
 * checkpointing): given many inputs one after the other, it takes the memory of one. Same values and gradients as the
 * model itself, for the time of a second forward pass.
 *
 * **Input shapes**: the model's; all but the `shared` ones may follow several times over, of rows as many as they like.
 * **Output shape**: the model's, the outputs of each time one below the other.
 *
 * ```js
 * const x = tf.input({shape: [8]});
 * const model = tf.model({inputs: x, outputs: tf.layers.dense({units: 4}).apply(x)});
 * const layer = layers.recomputedModel({model});
 * layer.apply(tf.ones([5, 8])).shape; // [5, 4]
 * layer.apply([tf.ones([5, 8]), tf.ones([3, 8])]).shape; // [8, 4]
 * ```
 *
 * @throws MapleError when the model has several outputs, takes another number of inputs, or fewer than `learned`
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function recomputedModel(args: RecomputedModelArgs): RecomputedModel {
  return new RecomputedModel(args);
}
