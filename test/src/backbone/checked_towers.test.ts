import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { layers as plain, type LayersModel, type RNN, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { TokenBackbone } from '../../../src/backbone/backbone.js';
import type { Towers, TowersConfig } from '../../../src/backbone/contract.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { buildTowers, readTowers } from '../../../src/clip/build_towers.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { transformerTowers } from '../../../src/clip/transformer_towers.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { methodsFor, promptDesign } from '../../../src/prompting/presets.js';
import { recipes } from '../../../src/training/recipe.js';
import { tunePrompts } from '../../../src/training/tune_prompts.js';
import { expectClose, largestDifference } from '../../helpers/close.js';
import { saveAndLoad } from '../../helpers/layer_probe.js';
import { OWN_CONFIG, OWN_TOWERS, ownBackbone } from '../../helpers/own_towers.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const classNames = ['cat', 'dog'];
const design = promptDesign('coop', OWN_CONFIG);

beforeAll(async () => {
  await chooseBackend('wasm');
});
afterEach(() => tf.disposeVariables());

/** Maps pictures to features with one layer. */
const image =
  (dense: (name: string) => ReturnType<typeof plain.dense>, direct = false): Towers['image'] =>
  (images, { source }) => {
    const flat = source('vision/flat', (name) => plain.flatten({ name })).apply(images);
    return (direct ? dense('vision/map') : source('vision/map', dense)).apply(flat) as SymbolicTensor;
  };

describe('towers that do not hold to the contract are refused', () => {
  test.each<[string, Partial<Towers>, string]>([
    [
      'a layer that is not given its name',
      { image: image(() => plain.dense({ units: 16, name: 'my_dense' })) },
      'The layer made for "vision/map" of the vision tower is called "my_dense". Hand its name on: ' +
        "source('vision/map', (name) => layers.dense({ name, ... })).",
    ],
    [
      'features of another width',
      { image: image((name) => plain.dense({ name, units: 12 })) },
      'The vision tower must give features [rows, 16], as `embedDim` says. Received: [rows, 12].',
    ],
    [
      'no features',
      { image: () => undefined as unknown as SymbolicTensor },
      'The vision tower must give features [rows, 16], as `embedDim` says. Received: nothing.',
    ],
    [
      'no call of the prompt',
      { text: (stream, context) => OWN_TOWERS.text(stream, { ...context, prompt: (tokens) => tokens }) },
      '`text.layers` is 1, but the text tower does not call `context.prompt` before block 0. Call it before each of ' +
        'them, or say how many there are.',
    ],
    [
      'a layer from elsewhere',
      { image: image((name) => plain.dense({ name, units: 16 }), true) },
      'Layers with weights must come from `context.source`, or other graphs of the vision tower would not share them. ' +
        "Received: vision/map. Write source('name', (name) => ...) around them.",
    ],
  ])('%s', async (_, wrong, message) => {
    const towers = { ...OWN_TOWERS, ...wrong };
    expect(() => buildTowers(OWN_CONFIG, towers)).toThrow(new MapleError(message));
    const backbone = { ...(await ownBackbone()), towers };
    await expect(buildClip(backbone, { classNames, design })).rejects.toThrow(new MapleError(message));
  });

  test('a name that both towers use', async () => {
    const twin: Towers['image'] = (images, { source }) => {
      const flat = source('vision/flat', (name) => plain.flatten({ name })).apply(images);
      return source('text/projection', (name) => plain.dense({ name, units: 16 })).apply(flat) as SymbolicTensor;
    };
    await expect(readTowers(buildTowers(OWN_CONFIG, { ...OWN_TOWERS, image: twin }))).rejects.toThrow(
      new MapleError(
        'Each weight of the towers needs a name of its own. Twice there: text/projection/kernel, text/projection/bias.',
      ),
    );
  });
});

describe('towers from here and there', () => {
  test("the library's own, given as functions, are those it builds by itself", async () => {
    const backbone = await tinyBackbone();
    const given = { ...backbone, towers: transformerTowers(backbone.config) };
    const images = tf.randomNormal([3, 16, 16, 3], 0, 1, 'float32', 5);
    const options = { classNames, design: promptDesign('maple', backbone.config) };
    const [one, other] = [await buildClip(backbone, options), await buildClip(given, options)];
    expect(largestDifference(other.predict(images) as tf.Tensor, one.predict(images) as tf.Tensor)).toBe(0);
  });

  test('a text tower that sees both ways: texts are padded to the whole context, and its inner layers have names', async () => {
    const inner = { name: 'gru', units: 4, returnSequences: true, recurrentInitializer: 'glorotUniform' } as const;
    const towers: Towers = {
      ...OWN_TOWERS,
      text({ embeddings }, { source, prompt }) {
        const both = source('text/both', (name) =>
          plain.bidirectional({ name, layer: plain.gru(inner) as RNN, mergeMode: 'concat' }),
        );
        const mean = source('text/mean', (name) => plain.globalAveragePooling1d({ name }));
        const map = source('text/projection', (name) => plain.dense({ name, units: 16 }));
        return map.apply(mean.apply(both.apply(prompt(embeddings, 0)))) as SymbolicTensor;
      },
    };
    const config = { ...OWN_CONFIG, text: { ...OWN_CONFIG.text, causal: false, pooling: 'last' as const } };
    const backbone = await ownBackbone({ config, towers });
    expect(backbone.weights.names).toContain('text/both/backward_gru/recurrent_kernel');
    const images = tf.randomNormal([3, 16, 16, 3], 0, 1, 'float32', 5);
    const model = await buildClip(backbone, { classNames, design: promptDesign('coop', config) });
    expect(model.getLayer('text/class_tokens').weights[0].shape).toEqual([2, config.text.contextLength, 24]);
    const logits = model.predict(images) as tf.Tensor;
    expect(largestDifference((await saveAndLoad(model)).predict(images) as tf.Tensor, logits)).toBe(0);
    const others = await swapClassNames(model, backbone, ['fox', 'owl', 'bird']);
    const back = await swapClassNames(others, backbone, classNames);
    expect(largestDifference(back.predict(images) as tf.Tensor, logits)).toBe(0);
    expectClose((await foldClassifier(model)).predict(images) as tf.Tensor, logits, 1e-5);
  });

  test('an image tower of residual sums, to which every sum doubles the ways, is folded by its tensors', async () => {
    const towers: Towers = {
      ...OWN_TOWERS,
      image(images, { source }) {
        const flat = source('vision/flat', (name) => plain.flatten({ name })).apply(images);
        let x = source('vision/map', (name) => plain.dense({ name, units: 16 })).apply(flat) as SymbolicTensor;
        for (let block = 0; block < 30; block++) {
          const bend = source(`vision/bend_${block}`, (name) => plain.activation({ name, activation: 'tanh' }));
          x = source(`vision/sum_${block}`, (name) => plain.average({ name })).apply([
            x,
            bend.apply(x) as SymbolicTensor,
          ]) as SymbolicTensor;
        }
        return x;
      },
    };
    const model = await buildClip(await ownBackbone({ towers }), { classNames, design });
    const images = tf.randomNormal([3, 16, 16, 3], 0, 1, 'float32', 5);
    expectClose((await foldClassifier(model)).predict(images) as tf.Tensor, model.predict(images) as tf.Tensor, 1e-5);
  });

  test("a convolutional image tower with the library's text tower: deep prompts in the one that takes them", async () => {
    const [own, clip] = [await ownBackbone(), await tinyBackbone()];
    const config: TowersConfig = { ...clip.config, vision: OWN_CONFIG.vision };
    const text = transformerTowers(clip.config);
    const sourceOf = (name: string) => (name.startsWith('vision/') ? own : clip).weights;
    const backbone: TokenBackbone = {
      ...clip,
      config,
      towers: { ...text, image: OWN_TOWERS.image },
      weights: {
        names: [own, clip].flatMap(({ weights }) => weights.names.filter((name) => sourceOf(name) === weights)),
        shape: (name) => sourceOf(name).shape(name),
        read: async (name) => sourceOf(name).read(name),
      },
    };
    expect(methodsFor(config)).toEqual(['zeroShot', 'coop', 'cocoop', 'deepLanguage']);
    const images = tf.randomNormal([3, 16, 16, 3], 0, 1, 'float32', 5);
    const deep = promptDesign('deepLanguage', config);
    expect(deep).toMatchObject({ textDepth: 2, visionDepth: 0 });
    const [packed, unpruned] = await Promise.all(
      [true, false].map((pruned) => buildClip(backbone, { classNames, design: deep, pruned })),
    );
    const logits = packed.predict(images) as tf.Tensor;
    expectClose(unpruned.predict(images) as tf.Tensor, logits, 1e-5);
    expectClose((await foldClassifier(packed)).predict(images) as tf.Tensor, logits, 1e-5);
    expect(packed.getLayer('text/class_tokens').getClassName()).toBe('PackedClassTokens');
  });
});

describe('layers that compute something else in training', () => {
  let backbone: TokenBackbone;
  const images = () => tf.randomNormal([4, 16, 16, 3], 0, 1, 'float32', 5);
  const averages = (model: LayersModel) =>
    model.getLayer('vision/norm_0').weights.map((weight) => Array.from(weight.read().dataSync()));
  const examples = [0, 1].map((label) => ({
    label,
    name: `picture of ${label}`,
    load: async () => ({ width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(60 + 100 * label) }),
  }));

  beforeAll(async () => {
    backbone = await ownBackbone();
  });

  test('the fixture has some, which do so when they are trained whole', () => {
    const pair = buildTowers(OWN_CONFIG, OWN_TOWERS);
    const [still, training] = [false, true].map((mode) => pair.image.apply(images(), { training: mode }) as tf.Tensor);
    expect(largestDifference(training, still)).toBeGreaterThan(0.1);
  });

  test('hold still in a tuned model, fresh or loaded', async () => {
    const built = await buildClip(backbone, { classNames, design });
    for (const model of [built, await saveAndLoad(built)]) {
      const before = averages(model);
      const recipe = { ...recipes.coop, epochs: 2, batchSize: 2 };
      expect(await tunePrompts({ model, examples, recipe })).toHaveLength(2);
      expect(averages(model)).toEqual(before);
      const [still, training] = [false, true].map((mode) => model.apply(images(), { training: mode }) as tf.Tensor);
      expect(largestDifference(training, still)).toBe(0);
    }
  });
});
