import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { chooseBackend } from '../src/node/backend.js';
import { saveAndLoad } from './helpers/layer_probe.js';

/**
 * What tfjs 4.22 does and this library is built around. A test that fails here after an upgrade says that a trap is
 * gone, and that the code around it may be made simpler.
 */

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;

/** Hands its input on, clone by clone; the traps' layers derive from it. */
class Plain extends tfl.layers.Layer {
  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return inputShape as tfl.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    return tf.clone([inputs].flat()[0]);
  }
}

/** Two dense layers inside a layer, as Keras users write it. */
class Nested extends Plain {
  /** @nocollapse */
  static className = 'TrapNested';
  readonly children = [0, 1].map(() => tfl.layers.dense({ units: 2, name: 'child' }));

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.children.reduce((x, child) => child.apply(x) as tf.Tensor, [inputs].flat()[0]);
  }
}
tf.serialization.registerClass(Nested);

/** The obvious repair: weights told by overridden getters. */
class Telling extends Nested {
  /** @nocollapse */
  static override className = 'TrapTelling';

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    this.children.forEach((child) => child.build(inputShape));
    super.build(inputShape);
  }

  override get trainableWeights(): tfl.LayerVariable[] {
    return this.children.flatMap((child) => child.trainableWeights);
  }

  override get weights(): tfl.LayerVariable[] {
    return this.trainableWeights;
  }
}
tf.serialization.registerClass(Telling);

/** Multiplies by a keyword argument. */
class Scaled extends tfl.layers.Layer {
  /** @nocollapse */
  static className = 'TrapScaled';

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return inputShape as tfl.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { by?: number }): tf.Tensor {
    return tf.mul([inputs].flat()[0], kwargs.by ?? 1);
  }
}
tf.serialization.registerClass(Scaled);

/** Keeps a text in its configuration. */
class Labelled extends Plain {
  /** @nocollapse */
  static className = 'TrapLabelled';
  readonly label: string;

  constructor(args: LayerArgs & { label: string }) {
    super(args);
    this.label = args.label;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), label: this.label };
  }
}
tf.serialization.registerClass(Labelled);

/** Returns its weight's own tensor. */
class Lending extends Plain {
  /** @nocollapse */
  static className = 'TrapLending';
  private value!: tfl.LayerVariable;

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    this.value = this.addWeight('value', [2], 'float32', tfl.initializers.ones());
    super.build(inputShape);
  }

  override computeOutputShape(): tfl.Shape {
    return [2];
  }

  override call(): tf.Tensor {
    return this.value.read();
  }
}

const around = (layer: tfl.layers.Layer, ...behind: tfl.layers.Layer[]) => {
  const input = tfl.input({ shape: [2] });
  const outputs = [layer, ...behind].reduce((x, next) => next.apply(x) as tfl.SymbolicTensor, input);
  return tfl.model({ inputs: input, outputs });
};

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

describe('1. sublayers', () => {
  test('their weights are invisible to the model, to fit and to save', async () => {
    const nested = new Nested();
    const model = around(nested, tfl.layers.dense({ units: 1 }));
    model.predict(tf.ones([1, 2]));
    expect(model.weights.map(({ originalName }) => originalName)).toHaveLength(2);
    const inside = () => nested.children.flatMap((child) => child.getWeights()).map((weight) => weight.arraySync());
    expect(inside()).toHaveLength(4);
    const before = inside();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 2 });
    expect(inside()).toEqual(before);
    const specs: unknown[] = [];
    await model.save(
      tf.io.withSaveHandler(async ({ weightSpecs }) => {
        specs.push(...(weightSpecs ?? []));
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    expect(specs).toHaveLength(2);
  });

  test('told by getters, two of them save under one name and do not load', async () => {
    await expect(saveAndLoad(around(new Telling()))).rejects.toThrow('Duplicate weight name');
  });
});

test('2. keyword arguments of a symbolic apply are lost at predict', () => {
  const input = tfl.input({ shape: [2] });
  const output = new Scaled().apply(input, { by: 3 }) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output });
  expect((model.predict(tf.ones([1, 2])) as tf.Tensor).arraySync()).toEqual([[1, 1]]);
  expect((new Scaled().apply(tf.ones([1, 2]), { by: 3 }) as tf.Tensor).arraySync()).toEqual([[3, 3]]);
});

test.each([
  ['ViT-B/16', 'viT-b/16'],
  ['quick_gelu', 'quickGelu'],
  ['American Bulldog', 'american Bulldog'],
])('3. saving turns the text "%s" of a layer configuration into "%s"', async (label, changed) => {
  const loaded = await saveAndLoad(around(new Labelled({ label })));
  expect(loaded.layers.map((layer) => (layer as Labelled).label)).toContain(changed);
});

test('3. the user-defined metadata keeps its texts', async () => {
  const model = around(new Labelled({ label: 'plain' }));
  const metadata = { names: ['ViT-B/16', 'quick_gelu', 'American Bulldog'], snake_key: 1 };
  model.setUserDefinedMetadata(metadata);
  expect((await saveAndLoad(model)).getUserDefinedMetadata()).toEqual(metadata);
});

test('4. the package of a registered class is not written, and a second class of its name takes its place', async () => {
  class First extends Plain {
    /** @nocollapse */
    static className = 'TrapTwin';
  }
  class Second extends Plain {
    /** @nocollapse */
    static className = 'TrapTwin';
  }
  tf.serialization.registerClass(First, 'one');
  const model = around(new First());
  expect(JSON.stringify(model.toJSON())).not.toContain('one>');
  tf.serialization.registerClass(Second, 'one');
  const loaded = await saveAndLoad(model);
  expect(loaded.layers.at(-1)).toBeInstanceOf(Second);
});

describe('5. inputs', () => {
  test('a model takes no two inputs of different first dimensions', async () => {
    const inputs = [tfl.input({ shape: [2] }), tfl.input({ shape: [2] })];
    const sum = tfl.layers.add().apply(inputs) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs, outputs: tfl.layers.dense({ units: 1 }).apply(sum) as tfl.SymbolicTensor });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(model.trainOnBatch([tf.ones([3, 2]), tf.ones([4, 2])], tf.ones([3, 1]))).rejects.toThrow(
      /same number of samples|same first dimension|same batch size/,
    );
  });

  test('a layer takes no empty list of inputs', () => {
    expect(() => new Lending().apply([])).toThrow();
  });

  test('an input of rank 1 becomes a column', () => {
    const input = tfl.input({ shape: [1] });
    const model = tfl.model({ inputs: input, outputs: new Scaled().apply(input) as tfl.SymbolicTensor });
    expect((model.predict(tf.ones([3, 1])) as tf.Tensor).shape).toEqual([3, 1]);
    const numbers = tfl.input({ shape: [] });
    const direct = tfl.model({ inputs: numbers, outputs: new Scaled().apply(numbers) as tfl.SymbolicTensor });
    expect(() => direct.predict(tf.ones([3]))).toThrow('to have 1 dimension(s), but got array with shape [3,1]');
  });
});

describe('6. defaults and missing things', () => {
  test('LayerNormalization has an epsilon of 1e-3, and rewrites its axis when built', () => {
    const layer = tfl.layers.layerNormalization();
    expect(layer.getConfig()).toMatchObject({ epsilon: 1e-3, axis: -1 });
    layer.build([null, 3, 4]);
    expect(layer.getConfig()).toMatchObject({ axis: [2] });
  });

  test('tensors have no chained operations with tfjs-core alone', () => {
    expect((tf.scalar(2) as unknown as Record<string, unknown>).square).toBeUndefined();
  });

  test('a symbolic output is float32, whatever the layer gives', () => {
    const input = tfl.input({ shape: [2], dtype: 'int32' });
    const output = new Scaled().apply(input) as tfl.SymbolicTensor;
    expect(output.dtype).toBe('float32');
  });
});

describe('seen since', () => {
  test('a model disposes what a call returned, even the weight itself', () => {
    const lending = new Lending();
    const model = around(lending, new Scaled());
    model.predict(tf.ones([1, 2]));
    expect(() => lending.getWeights()[0].dataSync()).toThrow('disposed');
  });

  test('the weights of a layer that is applied twice outlive their model', () => {
    const held = tf.memory().numTensors;
    const shared = tfl.layers.dense({ units: 2 });
    around(shared, shared).dispose();
    expect(tf.memory().numTensors).toBe(held + 2);
    shared.dispose();
    expect(tf.memory().numTensors).toBe(held);
  });

  test('a layer of several outputs is computed once for each of them', () => {
    let calls = 0;
    class Twice extends Plain {
      /** @nocollapse */
      static className = 'TrapTwice';
      override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
        return [inputShape, inputShape] as unknown as tfl.Shape;
      }
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
        calls++;
        return [0, 1].map(() => super.call(inputs) as tf.Tensor);
      }
    }
    const x = tfl.input({ shape: [2] });
    const outputs = new Twice({}).apply(x) as tfl.SymbolicTensor[];
    const model = tfl.model({ inputs: x, outputs: tfl.layers.add().apply(outputs) as tfl.SymbolicTensor });
    calls = 0;
    model.predict(tf.ones([1, 2]));
    expect(calls).toBe(2);
  });

  test('the gradient of tf.gather asks for a kernel that WASM has not; scatterND is there', async () => {
    await chooseBackend('wasm');
    const ids = tf.tensor1d([0, 1], 'int32');
    const gradient = tf.grad((table: tf.Tensor) => tf.gather(table, ids));
    expect(() => gradient(tf.ones([3, 2]), tf.ones([2, 2]))).toThrow('UnsortedSegmentSum');
    expect(tf.getKernel('ScatterNd', 'wasm')).toBeDefined();
    await tf.setBackend('cpu');
  });
  test('a gradient within the backward pass of another throws the outer tape away', () => {
    const outer = (x: tf.Tensor) =>
      tf.customGrad((input) => ({
        value: tf.square(input as tf.Tensor),
        // A gradient by another gradient: 2 x dy.
        gradFunc: (dy: tf.Tensor) => tf.grad((y: tf.Tensor) => tf.square(y))(x, dy),
      }))(tf.mul(x, 1));
    expect(() => tf.grad(outer)(tf.tensor1d([3]))).toThrow(TypeError);
    expect(tf.engine().state.activeTape).toBeNull();
  });
});
