import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayerArgs } from '../../layers/index.js';
import { Random } from '../../src/random.js';

/** One input of a layer under test. */
export interface ProbeInput {
  /** With the batch dimension. */
  shape: number[];
  /** Default: normal numbers from a seed. */
  values?: number[];
  /** Whether a gradient reaches it. Default: true; false for ids, positions and ignored anchors. */
  differentiable?: boolean;
  /** Its first dimension is its own, not the batch: a prompt, or class features. Default: false. */
  ownRows?: boolean;
  /** Rows for each of the batch, by sample: the texts of an image. Default: 1. */
  rowsPerSample?: number;
}

/** Emits a frozen tensor of its own, so that an input whose rows are not the batch's can stand in a functional model. */
class Constant extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'TestConstant';
  private readonly valueShape: number[];
  private value!: tfl.LayerVariable;

  constructor(args: LayerArgs & { valueShape: number[] }) {
    super(args);
    this.valueShape = args.valueShape;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const zeros = tfl.initializers.zeros();
    this.value = this.addWeight('value', this.valueShape, 'float32', zeros, undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(): tfl.Shape {
    return this.valueShape;
  }

  override call(): tf.Tensor {
    return tf.clone(this.value.read());
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), valueShape: this.valueShape };
  }
}
tf.serialization.registerClass(Constant);

/** A batch [B, k, ...] as rows [B * k, ...]. */
class Rows extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'TestRows';

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, each, ...rest] = inputShape as [number | null, number, ...number[]];
    return [batch === null ? null : batch * each, ...rest];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [tensor] = [inputs].flat();
      return tf.reshape(tensor, [-1, ...tensor.shape.slice(2)]);
    });
  }
}
tf.serialization.registerClass(Rows);

/**
 * Lays out any outputs as one row a sample, [B, n], times a trainable number: a model that ends in it can be fitted,
 * predicted in sub-batches and saved, whatever the outputs of the layer under test. The first input tells B.
 */
class Readout extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'TestReadout';
  private readonly rowsPerSample: number;
  private ownRows: boolean[] = [];
  private scale!: tfl.LayerVariable;

  constructor(args: LayerArgs & { rowsPerSample: number }) {
    super(args);
    this.rowsPerSample = args.rowsPerSample;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    this.ownRows = (inputShape as tfl.Shape[]).slice(1).map(([rows]) => rows !== null);
    this.scale = this.addWeight('scale', [], 'float32', tfl.initializers.ones());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [[batch], ...shapes] = inputShape as tfl.Shape[];
    const sizes = shapes.map((shape) => product(shape[0] === null ? [this.rowsPerSample, ...shape.slice(1)] : shape));
    return [batch, sizes.reduce((sum, size) => sum + size, 0)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [anchor, ...outputs] = inputs as tf.Tensor[];
      const rows = anchor.shape[0];
      const laidOut = outputs.map((output, i) =>
        this.ownRows[i] ? tf.tile(tf.reshape(output, [1, -1]), [rows, 1]) : tf.reshape(output, [rows, -1]),
      );
      return tf.mul(tf.concat(laidOut, 1), this.scale.read());
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rowsPerSample: this.rowsPerSample };
  }
}
tf.serialization.registerClass(Readout);

/** Numbers [B] out of a column [B, 1]: tfjs makes such a column of every input of rank 1. */
class Numbers extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'TestNumbers';

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return [(inputShape as tfl.Shape)[0]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.reshape([inputs].flat()[0], [-1]));
  }
}
tf.serialization.registerClass(Numbers);

export function product(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((result, size) => result * (size as number), 1);
}

/** A tensor of normal numbers. */
export function normalTensor(shape: number[], random: Random, deviation = 0.7): tf.Tensor {
  const values = Float32Array.from({ length: product(shape) }, () => random.normal(0, deviation));
  return tf.tensor(values, shape);
}

/** The inputs' tensors, the same at every call. */
export function inputTensors(inputs: readonly ProbeInput[]): tf.Tensor[] {
  return inputs.map(({ shape, values }, i) =>
    values ? tf.tensor(values, shape) : normalTensor(shape, new Random(1).fork('input', i)),
  );
}

/** Applies a layer to one or several tensors, symbolic or not, and gives its outputs as a list. */
export function applied<T extends tf.Tensor | tfl.SymbolicTensor>(layer: tfl.layers.Layer, inputs: T[]): T[] {
  return [layer.apply((inputs.length === 1 ? inputs[0] : inputs) as tf.Tensor)].flat() as T[];
}

/** Gives every weight random values, gains and biases too: at initial values many faults do not show. */
export function randomiseWeights(layer: tfl.layers.Layer): void {
  for (const weight of layer.weights) {
    tf.tidy(() => {
      weight.write(
        normalTensor(weight.shape as number[], new Random(2).fork(weight.originalName.slice(layer.name.length)), 0.5),
      );
    });
  }
}

/**
 * A functional model, batch in and [B, n] out, around a layer whose weights it makes random.
 * @param rowsPerSample - rows of the layer's batched outputs for each of the batch
 */
export function modelAround(
  layer: tfl.layers.Layer,
  inputs: readonly ProbeInput[],
  rowsPerSample = 1,
): tfl.LayersModel {
  const batched = inputs.filter(({ ownRows }) => !ownRows);
  const ofSample = ({ shape, rowsPerSample: rows }: ProbeInput): number[] =>
    rows === undefined ? shape.slice(1) : [rows, ...shape.slice(1)];
  const entries = (batched.length > 0 ? batched : [{ shape: [0, 1] }]).map((input, i) =>
    tfl.input({ shape: input.shape.length === 1 ? [1] : ofSample(input), name: `input_${i}` }),
  );
  let next = 0;
  const symbolic = inputs.map(({ shape, ownRows, rowsPerSample: rows }, i) => {
    const entry = entries[ownRows ? 0 : next++];
    const constant = ownRows && new Constant({ name: `constant_${i}`, valueShape: shape });
    const numbers = shape.length === 1 && new Numbers({ name: `numbers_${i}` });
    const spread = rows !== undefined && new Rows({ name: `rows_${i}` });
    const first = constant || numbers || spread;
    return first ? (first.apply(entry) as tfl.SymbolicTensor) : entry;
  });
  const outputs = applied(layer, symbolic);
  const readout = new Readout({ name: 'readout', rowsPerSample }).apply([entries[0], ...outputs]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: entries, outputs: readout });
  randomiseWeights(layer);
  tf.tidy(() => {
    inputTensors(inputs).forEach((tensor, i) => {
      if (inputs[i].ownRows) {
        model.getLayer(`constant_${i}`).setWeights([tensor]);
      }
    });
  });
  return model;
}

/** What {@link modelAround} is to be fed: the batched inputs, or a column of zeros that only tells the batch. */
export function modelInputs(inputs: readonly ProbeInput[]): tf.Tensor | tf.Tensor[] {
  const laidOut = inputTensors(inputs).map((tensor, i) => {
    const { shape, rowsPerSample: rows } = inputs[i];
    return rows === undefined ? tensor : tf.reshape(tensor, [shape[0] / rows, rows, ...shape.slice(1)]);
  });
  const batched = laidOut.filter((_, i) => !inputs[i].ownRows);
  return batched.length > 1 ? batched : (batched[0] ?? tf.zeros([3, 1]));
}

/** The layer again from its configuration without some fields, as a version that did not know them saved it. */
export function savedWithout(layer: tfl.layers.Layer, ...fields: string[]): tfl.layers.Layer {
  const known = Object.entries(layer.getConfig()).filter(([field]) => !fields.includes(field));
  const cls = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>;
  return cls.fromConfig(cls, Object.fromEntries(known));
}

/** Saves a model to memory, its topology as JSON text, and loads it. */
export async function saveAndLoad(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let text = '';
  let weightData: tf.io.WeightData | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ weightData: data, ...artifacts }) => {
      text = JSON.stringify(artifacts);
      weightData = data;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const artifacts = { ...(JSON.parse(text) as tf.io.ModelArtifacts), weightData };
  return tfl.loadLayersModel({ load: async () => artifacts });
}
