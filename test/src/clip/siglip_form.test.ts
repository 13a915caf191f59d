import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { TextTokenizer } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { SIGLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileSource } from '../../../src/node/file_source.js';
import { METHODS, promptDesign } from '../../../src/prompting/presets.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import { loadPromptFiles, promptFiles } from '../../../src/weights/prompt_files.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { expectClose, largestDifference } from '../../helpers/close.js';
import { fixturePath } from '../../helpers/fixtures.js';
import { expectNumericGradients, probeVariables } from '../../helpers/gradients.js';
import { saveAndLoad } from '../../helpers/layer_probe.js';
import { tinySiglip } from '../../helpers/tiny_siglip.js';

const NAMES = ['cat', 'sea_lion', 'American Bulldog'];
const OTHERS = ['fox', 'owl'];

beforeAll(async () => {
  await chooseBackend('wasm');
});
afterEach(() => tf.disposeVariables());

const pictures = (size = 16) => tf.randomNormal([3, size, size, 3], 0, 1, 'float32', 5);
const predict = (model: tfl.LayersModel, images = pictures()) => model.predict(images) as tf.Tensor;

/** What an inner tensor of a model is for some images: the input or the output of a layer. */
function inside(model: tfl.LayersModel, layer: string, side: 'input' | 'output', images = pictures()): tf.Tensor {
  const [outputs] = [model.getLayer(layer)[side]].flat();
  return tfl.model({ inputs: model.inputs, outputs }).apply(images) as tf.Tensor;
}

const weight = (model: tfl.LayersModel, name: string): tf.Tensor =>
  (model.weights.find(({ originalName }) => originalName === name) as tfl.LayerVariable).read();

describe("MaPLe on SigLIP's form", () => {
  let backbone: TransformerBackbone;
  beforeAll(async () => {
    backbone = await tinySiglip();
  });
  const build = (pruned = true, classNames = NAMES) =>
    buildClip(backbone, { classNames, design: promptDesign('maple', backbone.config), seed: 3, pruned });

  test('every gradient is what finite differences are', async () => {
    const model = await build();
    expect(model.trainableWeights).toHaveLength(6);
    const images = [{ shape: [3, 16, 16, 3], differentiable: false }];
    expectNumericGradients(probeVariables(model, [pictures()], images), 0.01);
  });

  test('pruned or not, the logits are the same', async () => {
    expect(largestDifference(predict(await build(false)), predict(await build()))).toBeLessThan(1e-5);
  });

  test('the same where texts are masked and read at their last position', async () => {
    const masked = await tinySiglip({ text: { causal: true } });
    const options = { classNames: NAMES, design: promptDesign('maple', masked.config) };
    const [pruned, whole] = [await buildClip(masked, options), await buildClip(masked, { ...options, pruned: false })];
    expect(largestDifference(predict(pruned), predict(whole))).toBeLessThan(1e-5);
  });

  test('learned tokens stand first in the text, before the positions are added', async () => {
    const model = await build();
    const { width, contextLength } = backbone.config.text;
    const tokens = inside(model, 'text/positions', 'input');
    // Nothing is masked and the last place is read, so that padding counts.
    expect(tokens.shape).toEqual([3, contextLength, width]);
    const learned = weight(model, 'text/prompt_0/prompt');
    const table = await backbone.weights.read('text/token_embedding/embeddings');
    const row = (id: number) => tf.tensor1d(table.values.slice(id * width, (id + 1) * width));
    for (const [index, name] of ['cat', 'sea lion', 'American Bulldog'].entries()) {
      const ids = backbone.tokenizer.encode(`a photo of a ${name}.`);
      const padding = Array<number>(contextLength - ids.length).fill(backbone.tokenizer.padding as number);
      const expected = tf.concat([learned, tf.stack([...ids.slice(2), ...padding].map(row))]);
      expect(largestDifference(tf.squeeze(tf.slice(tokens, [index, 0, 0], [1, -1, -1]), [0]), expected)).toBe(0);
    }
    // They start as what they stand for: "a photo", without a start token before them.
    const words = tf.stack(backbone.tokenizer.encode('a photo').slice(0, 2).map(row));
    expect(largestDifference(learned, words)).toBe(0);
    const second = inside(model, 'text/block_1', 'input');
    const fresh = tf.broadcastTo(tf.expandDims(weight(model, 'text/prompt_1/prompt'), 0), [3, 2, width]);
    expect(largestDifference(tf.slice(second, [0, 0, 0], [3, 2, width]), fresh)).toBe(0);
  });

  test('coupled tokens stand behind the patches, which there are no others before', async () => {
    const model = await build();
    const { width } = backbone.config.vision;
    for (const block of [0, 1]) {
      const tokens = inside(model, `vision/block_${block}`, 'input');
      expect(tokens.shape).toEqual([3, 4 + 2, width]);
      const [prompt, kernel, bias] = [
        `text/prompt_${block}/prompt`,
        ...['kernel', 'bias'].map((of) => `coupler_${block}/${of}`),
      ];
      const coupled = tf.add(
        tf.matMul(weight(model, prompt) as tf.Tensor2D, weight(model, kernel) as tf.Tensor2D),
        weight(model, bias),
      );
      const expected = tf.broadcastTo(tf.expandDims(coupled, 0), [3, 2, width]);
      expectClose(tf.slice(tokens, [0, 4, 0], [3, 2, width]), expected, 1e-6);
    }
    const patches = inside(model, 'vision/positions', 'output');
    const first = inside(model, 'vision/block_0', 'input');
    expect(largestDifference(tf.slice(first, [0, 0, 0], [3, 4, width]), patches)).toBe(0);
  });

  test('saved and loaded, whole or as prompt files, with other names, folded: the same logits, and no leaks', async () => {
    const start = tf.memory().numTensors;
    const model = await build();
    // Away from the values that any model of this seed starts with.
    model.trainableWeights.forEach((variable, seed) =>
      tf.tidy(() => {
        variable.write(tf.randomNormal(variable.shape as number[], 0, 0.5, 'float32', seed + 1));
      }),
    );
    const built = tf.memory().numTensors;
    expect(built).toBe(start + model.weights.length);
    const others = await swapClassNames(model, backbone, OTHERS);
    const [files, loaded, folded] = [await promptFiles(model), await saveAndLoad(model), await foldClassifier(model)];
    const again = await loadPromptFiles(files, backbone);
    const renamed = await loadPromptFiles(files, backbone, { classNames: OTHERS });
    const loadedFold = await saveAndLoad(folded);
    const back = await swapClassNames(await swapClassNames(loaded, backbone, OTHERS), backbone, NAMES);
    tf.tidy(() => {
      const images = pictures();
      const logits = predict(model, images);
      [loaded, again].forEach((same) => expect(largestDifference(predict(same, images), logits)).toBe(0));
      [folded, loadedFold, back].forEach((same) => expectClose(predict(same, images), logits, 1e-5));
      expectClose(predict(renamed, images), predict(others, images), 1e-5);
      expect(predict(others, images).shape).toEqual([3, 2]);
      // The bias is there: without it the logits would lie between scale and -scale.
      const bias = weight(model, 'logits/logit_bias').dataSync()[0];
      expect(weight(folded, 'logits/logit_bias').dataSync()[0]).toBe(bias);
      expect(weight(loadedFold, 'logits/logit_bias').dataSync()[0]).toBe(bias);
    });
    const variables = new Set(
      [model, others, loaded, folded, again, renamed, loadedFold, back].flatMap(({ weights }) =>
        weights.map(({ id }) => id),
      ),
    );
    // And the class tokens of the loaded model with other names.
    expect(tf.memory().numTensors).toBe(start + variables.size + 2);
  });
});

describe('the SiglipModel of Hugging Face', () => {
  const path = (name: string) => fixturePath('formats', 'hf-siglip', name);
  let backbone: TransformerBackbone;
  let tensor: (name: string) => Promise<tf.Tensor>;
  let texts: number[][];

  beforeAll(async () => {
    const configJson = JSON.parse(readFileSync(path('config.json'), 'utf8')) as object;
    const { config, weights } = await openClipWeights({
      weights: await fileSource(path('model.safetensors')),
      configJson,
    });
    const expected = await openSafetensors(await fileSource(path('expected.safetensors')));
    tensor = async (name) => {
      const { shape, values } = await expected.read(name);
      return tf.tensor(values, shape);
    };
    const { shape, values } = await expected.readIntegers('input_ids');
    texts = Array.from({ length: shape[0] }, (_, row) =>
      Array.from(values.slice(row * shape[1], (row + 1) * shape[1])),
    );
    backbone = {
      ...{ name: 'hf-siglip', identity: 'hf-siglip', config, weights, imageStatistics: SIGLIP_IMAGE_STATISTICS },
      tokenizer: { encode: () => [] },
    };
  });
  const classNames = () => texts.map((_, index) => `class${index}`);
  /** Says the fixture's ids for the class names, in whatever sentence. */
  const spoken = (): TextTokenizer => ({
    encode: (text) => texts[Number(/class(\d+)/.exec(text)?.[1])],
    padding: 1,
  });
  /** Made-up words of one id each, 2 to 98, and an end. */
  const madeUp: TextTokenizer = {
    encode: (text) => [
      ...(text.match(/\w+/g) ?? []).map(
        (word) => 2 + ([...word].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) % 96),
      ),
      1,
    ],
    padding: 1,
  };

  test.each([true, false])("zero-shot are the fixture's logits, bias and all, pruned: %j", async (pruned) => {
    const design = promptDesign('zeroShot', backbone.config);
    const model = await buildClip({ ...backbone, tokenizer: spoken() }, { classNames: classNames(), design, pruned });
    const logits = model.predict(await tensor('pixel_values')) as tf.Tensor;
    expectClose(logits, await tensor('logits_per_image'), 1e-4);
  });

  test.each(METHODS)('%s builds on it, and trains what it should', async (method) => {
    const { config } = backbone;
    const design = promptDesign(method, config, { length: method === 'zeroShot' ? undefined : 2 });
    const model = await buildClip({ ...backbone, tokenizer: madeUp }, { classNames: NAMES, design });
    const images = await tensor('pixel_values');
    const logits = model.predict(images) as tf.Tensor;
    expect(logits.shape).toEqual([images.shape[0], 3]);
    if (method !== 'zeroShot') {
      const labels = tf.oneHot(tf.zeros([images.shape[0]], 'int32'), 3);
      const loss = () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor);
      const { grads } = tf.variableGrads(loss as () => tf.Scalar);
      expect(Object.keys(grads).sort()).toEqual(model.trainableWeights.map(({ name }) => name).sort());
    }
  });

  test('MaPLe on it: gradients by finite differences, and the same after saving and loading', async () => {
    const design = promptDesign('maple', backbone.config);
    const model = await buildClip({ ...backbone, tokenizer: madeUp }, { classNames: NAMES, design });
    const images = await tensor('pixel_values');
    const probe = probeVariables(model, [images], [{ shape: images.shape, differentiable: false }]);
    expectNumericGradients(probe, 0.01);
    const logits = model.predict(images) as tf.Tensor;
    expect(largestDifference((await saveAndLoad(model)).predict(images) as tf.Tensor, logits)).toBe(0);
  });
});
