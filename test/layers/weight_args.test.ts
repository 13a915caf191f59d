import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as layers from '../../layers/index.js';
import { chooseBackend } from '../../src/node/backend.js';
import { saveAndLoad } from '../helpers/layer_probe.js';

/** A layer with one prompt or kernel of its own, applied to inputs of the given shapes. */
type Case = [name: string, weight: 'prompt' | 'kernel', shapes: number[][], make: (args: object) => tfl.layers.Layer];
const CASES: Case[] = [
  ['deepTextPrompt', 'prompt', [[2, 6, 4]], (args) => layers.deepTextPrompt({ length: 2, ...args })],
  ['deepVisionPrompt', 'prompt', [[2, 6, 4]], (a) => layers.deepVisionPrompt({ length: 2, mode: 'append', ...a })],
  ['promptVectors', 'prompt', [[2, 4]], (args) => layers.promptVectors({ length: 2, units: 4, ...args })],
  ['conditionalPrompt', 'prompt', [[2, 6, 4], [2], [3, 4]], (a) => layers.conditionalPrompt({ length: 2, ...a })],
  ['promptCoupler', 'kernel', [[2, 4]], (args) => layers.promptCoupler({ units: 4, ...args })],
  ['metaNet', 'kernel', [[2, 4]], (args) => layers.metaNet({ units: 4, hiddenUnits: 4, ...args })],
];

beforeAll(() => chooseBackend('wasm'));
afterAll(() => tf.disposeVariables());

describe.each(CASES)('%s', (name, weight, shapes, make) => {
  const key = (kind: string): string => `${weight}${kind}`;
  const built = (args: object): tfl.layers.Layer => {
    const layer = make(args);
    layer.build(shapes.length === 1 ? shapes[0] : shapes);
    return layer;
  };
  const first = (layer: tfl.layers.Layer): number[] => Array.from(layer.getWeights()[0].dataSync());

  test.each([
    ['by its name', 'ones', 1],
    ['of tf.initializers', tfl.initializers.constant({ value: 3 }), 3],
    ['as a configuration', { className: 'Constant', config: { value: 2 } }, 2],
  ])('takes an initialiser %s', (_, initializer, value) => {
    const layer = built({ [key('Initializer')]: initializer });
    expect(new Set(first(layer))).toEqual(new Set([value]));
    const config = layer.getConfig() as Record<string, unknown>;
    expect(new Set(first(built({ ...config, name: 'again' })))).toEqual(new Set([value]));
  });

  test('has a regulariser in its losses, and in its configuration', () => {
    const args = { [key('Initializer')]: 'ones', [key('Regularizer')]: tfl.regularizers.l2({ l2: 0.5 }) };
    const config = built(args).getConfig() as Record<string, unknown>;
    for (const layer of [built(args), built({ ...config, name: 'again' })]) {
      const count = first(layer).length;
      const losses = layer.losses.map((loss) => (loss as () => tf.Scalar)().dataSync()[0]);
      expect(losses[0]).toBeCloseTo(0.5 * count, 5);
    }
  });

  test('refuses what it does not know, and proposes the nearest', () => {
    expect(() => make({ [`${weight}Initialiser`]: 'ones' })).toThrow(
      `${name} has no setting \`${weight}Initialiser\`. Do you mean \`${weight}Initializer\`? Known are `,
    );
  });

  test('takes what every layer of tfjs takes', () => {
    const common = { name: `common_${name}`, trainable: false, dtype: 'float32', batchSize: 2 };
    expect(make({ ...common, inputShape: shapes[0].slice(1) }).name).toBe(`common_${name}`);
  });
});

test("a regulariser's loss enters fit, after saving and loading too", async () => {
  const make = (l2?: number): tfl.Sequential => {
    const model = tfl.sequential();
    const promptRegularizer = l2 === undefined ? null : tfl.regularizers.l2({ l2 });
    const start = { promptInitializer: 'ones', promptRegularizer, inputShape: [6, 4] };
    model.add(layers.deepTextPrompt({ length: 2, ...start } as layers.DeepTextPromptArgs));
    return model;
  };
  const loss = async (model: tfl.LayersModel): Promise<number> => {
    model.compile({ optimizer: tf.train.sgd(1e-9), loss: 'meanSquaredError' });
    const { history } = await model.fit(tf.zeros([2, 6, 4]), tf.zeros([2, 6, 4]), { verbose: 0 });
    return history.loss[0] as number;
  };
  // Eight ones: their squares sum up to 8.
  expect((await loss(make(0.25))) - (await loss(make()))).toBeCloseTo(2, 5);
  expect((await loss(await saveAndLoad(make(0.25)))) - (await loss(make()))).toBeCloseTo(2, 5);
});

test('a prompt that is no weight has neither', () => {
  expect(() => layers.deepTextPrompt({ length: 2, given: true, promptInitializer: 'ones' })).toThrow('it is no weight');
  const layer = layers.deepVisionPrompt({ length: 2, mode: 'append', promptInitializer: 'ones' });
  expect(() =>
    layer.build([
      [2, 6, 4],
      [2, 4],
    ]),
  ).toThrow('it is no weight');
});

test('a text in the place of a number is told from it', () => {
  expect(() => layers.deepTextPrompt({ length: '2' as unknown as number })).toThrow('Received: "2".');
});
