import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { buildClip } from '../../src/clip/build_clip.js';
import { foldClassifier } from '../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../src/clip/swap_class_names.js';
import { chooseBackend, type BackendName } from '../../src/node/backend.js';
import { classPromptIds } from '../../src/prompting/class_prompts.js';
import { hasFixedText } from '../../src/prompting/design.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { promptSgd } from '../../src/training/sgd.js';
import { expectClose, largestDifference, largestEntry } from '../helpers/close.js';
import { designOf, fixtureBackbone, openFixture, promptTensors, readManifest, tensorOf } from './fixture_clip.js';

/** Features, logits and losses: absolute. */
const CLOSE = 1e-4;
/** Gradients and trained tensors: relative to the tensor's largest entry. */
const RELATIVE = 1e-3;
/** The spacing of F32 numbers, relative to their size: how far apart two equal updates may round. */
const SPACING = 2 ** -23;

/** Milliseconds for one run: the smallest chunks on WASM take a minute where other programs want the processor too. */
const PATIENCE = 240_000;

/** The methods that a fixtures folder must hold a run of, or this suite would prove nothing of them. */
const REQUIRED = ['coop', 'cocoop', 'vpt', 'deep-language', 'ivlp', 'maple', 'maple-unified'];

/** Compares every run of the official code in the fixtures with ours, on one backend. */
export function goldenSuite(backend: BackendName): void {
  const manifest = readManifest();
  const runs = Object.entries(manifest.runs);
  let backbone: TransformerBackbone;
  let images: tf.Tensor;
  let imagesEval: tf.Tensor;
  let labels: tf.Tensor;

  beforeAll(async () => {
    await chooseBackend(backend);
    backbone = await fixtureBackbone(manifest);
    const inputs = await openFixture('inputs');
    images = await tensorOf(inputs, 'images');
    imagesEval = await tensorOf(inputs, 'images_eval');
    const { values } = await inputs.readIntegers('labels');
    labels = tf.cast(tf.oneHot(tf.tensor1d(values, 'int32'), manifest.base.length), 'float32');
  });

  afterAll(() => tf.disposeVariables());

  test(`runs on ${backend}`, () => {
    expect(tf.getBackend()).toBe(backend === 'native' ? 'tensorflow' : 'wasm');
  });

  test('the fixtures hold a run of every method this release has', () => {
    const methods = runs.map(([, run]) => run.method);
    expect(methods).toEqual(expect.arrayContaining(REQUIRED));
    expect(runs.some(([, run]) => run.method === 'maple' && run.depth === 1)).toBe(true);
  });

  describe.each([true, false])('zero-shot, pruned: %s', (pruned) => {
    test.each(['base', 'new'] as const)('%s classes: features and logits', async (split) => {
      const expected = await openFixture('zero-shot');
      const design = promptDesign('zeroShot', backbone.config);
      const model = await buildClip(backbone, { classNames: manifest[split], design, pruned });
      const parts = ['vision/projection', 'text/features'].map((name) => model.getLayer(name).output);
      const features = tfl.model({ inputs: model.inputs, outputs: parts as tfl.SymbolicTensor[] });
      const [image, text] = features.apply(images) as tf.Tensor[];
      expectClose(image, await tensorOf(expected, 'image_features'), CLOSE);
      expectClose(text, await tensorOf(expected, `text_features_${split}`), CLOSE);
      expectClose(model.predict(images) as tf.Tensor, await tensorOf(expected, `logits_${split}`), CLOSE);
      expect(model.trainableWeights).toHaveLength(0);
    });
  });

  describe.each(runs)('%s', (name, run) => {
    const design = designOf(run);
    const perImage = design.conditioning === 'metaNet';
    // Every saving on and off. Texts of their own for every image are computed a few at a time, here in uneven chunks,
    // or all at once, and once more in the backward pass in any case; other classes in uneven chunks, or all at once.
    const chunks = perImage ? [3, 7] : hasFixedText(design) ? [] : [2];
    const forms = [true, false].flatMap((pruned) =>
      [...chunks, 1024].flatMap((textRows) =>
        (perImage ? [false] : [false, true]).map((recompute) => ({ pruned, textRows, recompute })),
      ),
    );

    test('the prompt texts have the official token ids', async () => {
      const inputs = await openFixture('inputs');
      const suffix = /^X( X)*$/.test(run.prefix) ? `_X${run.prefix.split(' ').length}` : '';
      for (const split of ['base', 'new'] as const) {
        const { shape, values } = await inputs.readIntegers(`tokens_${split}${suffix}`);
        const official = manifest[split].map((_, row) =>
          Array.from(values.slice(row * shape[1], (row + 1) * shape[1])),
        );
        const ours = classPromptIds(backbone, design, manifest[split]);
        expect(ours.map((ids) => [...ids, ...Array<number>(shape[1] - ids.length).fill(0)])).toEqual(official);
      }
    });

    test.each(forms)(
      'logits, gradients, three steps, new classes; %o',
      async ({ pruned, textRows, recompute }) => {
        const file = await openFixture(name);
        const model = await buildClip(backbone, { classNames: manifest.base, design, pruned, textRows, recompute });
        const inChunks = model.layers.some(({ name: layer }) => layer === 'text/class_tokens_1');
        expect(inChunks).toBe(!perImage && textRows < manifest.base.length);
        const init = await promptTensors(file, 'init', design);
        expect(model.trainableWeights.map((weight) => weight.originalName).sort()).toEqual([...init.keys()].sort());
        expect(model.trainableWeights.reduce((sum, { shape }) => sum + size(shape), 0)).toBe(run.trainable_parameters);
        for (const weight of model.trainableWeights) {
          const value = init.get(weight.originalName) as tf.Tensor;
          if (weight.originalName === 'text/prompt_0/prompt' && design.initialization === 'words') {
            // Not a value we were given: the words' own embeddings.
            expectClose(weight.read(), value, 1e-6);
          }
          weight.write(value);
        }

        expectClose(model.predict(images) as tf.Tensor, await tensorOf(file, 'logits'), CLOSE);

        const loss = () => tf.losses.softmaxCrossEntropy(labels, model.apply(images, { training: true }) as tf.Tensor);
        const { grads } = tf.variableGrads(loss as () => tf.Scalar);
        const gradients = await promptTensors(file, 'grad', design);
        for (const weight of model.trainableWeights) {
          const expected = gradients.get(weight.originalName) as tf.Tensor;
          const difference = largestDifference(grads[weight.name], expected);
          expect(difference / largestEntry(expected)).toBeLessThanOrEqual(RELATIVE);
        }
        expect(Object.keys(grads)).toHaveLength(gradients.size);

        const { lr: learningRate, momentum, weight_decay: weightDecay } = run;
        model.compile({
          optimizer: promptSgd({ learningRate, momentum, weightDecay }),
          loss: (target, output) => tf.losses.softmaxCrossEntropy(target, output),
        });
        const losses: number[] = [];
        for (let step = 0; step < run.steps; step++) {
          losses.push((await model.trainOnBatch(images, labels)) as number);
        }
        expectClose(tf.tensor1d(losses), await tensorOf(file, 'losses'), CLOSE);
        const after = await promptTensors(file, 'after', design);
        for (const weight of model.trainableWeights) {
          const expected = after.get(weight.originalName) as tf.Tensor;
          const moved = largestEntry(tf.sub(expected, init.get(weight.originalName) as tf.Tensor));
          // With a low learning rate, what each step rounds away is not small beside what it moves.
          const rounded = run.steps * SPACING * largestEntry(expected);
          expect(largestDifference(weight.read(), expected)).toBeLessThanOrEqual(RELATIVE * moved + rounded);
        }

        const tuned = await tensorOf(file, 'logits_after');
        expectClose(model.predict(imagesEval) as tf.Tensor, tuned, CLOSE);
        const fold = async (whole: LayersModel) => (perImage ? whole : foldClassifier(whole));
        expectClose((await fold(model)).predict(imagesEval) as tf.Tensor, tuned, CLOSE);
        const swapped = await swapClassNames(model, backbone, manifest.new);
        const tunedOnNew = await tensorOf(file, 'logits_new_after');
        expectClose(swapped.predict(imagesEval) as tf.Tensor, tunedOnNew, CLOSE);
        expectClose((await fold(swapped)).predict(imagesEval) as tf.Tensor, tunedOnNew, CLOSE);
      },
      PATIENCE,
    );
  });
}

function size(shape: (number | null)[]): number {
  return (shape as number[]).reduce((product, side) => product * side, 1);
}
