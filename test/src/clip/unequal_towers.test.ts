import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip } from '../../../src/clip/build_clip.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { trainedParameters } from '../../../src/prompting/trained_parameters.js';
import { crossEntropy } from '../../../src/training/losses.js';
import { promptSgd } from '../../../src/training/sgd.js';
import { expectClose } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

beforeAll(() => chooseBackend());

/** Widths that do not divide one another, other heads, other depths, as OpenCLIP's larger models have them. */
const TOWERS = {
  'a wide image tower and a deep text tower': {
    embedDim: 20,
    vision: { width: 40, heads: 5, layers: 3, mlpWidth: 72 },
    text: { width: 24, heads: 2, layers: 5, mlpWidth: 96 },
  },
  'a wide text tower and a deep image tower': {
    embedDim: 48,
    vision: { width: 18, heads: 1, layers: 4, mlpWidth: 89 },
    text: { width: 56, heads: 7, layers: 3, mlpWidth: 56 },
  },
};

describe.each(Object.entries(TOWERS))('MaPLe on %s', (_, towers) => {
  test.each(['maple', 'unifiedMaple', 'ivlp'] as const)(
    '%s trains what it should, predicts and folds',
    async (method) => {
      const backbone = await tinyBackbone(towers);
      const design = promptDesign(method, backbone.config, method === 'ivlp' ? {} : { depth: 3 });
      const model = await buildClip(backbone, { classNames: ['cat', 'dog', 'fox'], design });
      const trained = model.trainableWeights.reduce(
        (sum, { shape }) => sum + (shape as number[]).reduce((a, b) => a * b, 1),
        0,
      );
      expect(trained).toBe(trainedParameters(design, backbone.config));
      if (method === 'maple') {
        expect(model.getLayer('coupler_2').weights[0].shape).toEqual([towers.text.width, towers.vision.width]);
      }

      const images = tf.randomNormal([3, 16, 16, 3], 0, 1, 'float32', 5);
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2], 'int32'), 3);
      const before = model.trainableWeights.map((weight) => weight.read().dataSync().slice());
      model.compile({ optimizer: promptSgd({ learningRate: 0.1 }), loss: crossEntropy });
      expect(await model.trainOnBatch(images, labels)).toBeGreaterThan(0);
      model.trainableWeights.forEach((weight, index) => {
        expect([weight.originalName, weight.read().dataSync()]).not.toEqual([weight.originalName, before[index]]);
      });
      const folded = await foldClassifier(model);
      expectClose(folded.predict(images) as tf.Tensor, model.predict(images) as tf.Tensor, 1e-4);
      model.dispose();
    },
  );
});
