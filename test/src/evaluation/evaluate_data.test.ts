import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { evaluateData } from '../../../src/evaluation/evaluate_data.js';
import { shareInterval } from '../../../src/evaluation/metrics.js';
import { predictExamples } from '../../../src/evaluation/predict_examples.js';
import { zeroShotClassifier } from '../../../src/evaluation/zero_shot.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';
import { tunedClip } from '../../helpers/tuned_clip.js';

const { classNames, test: examples } = tinyDataset();
let backbone: Backbone;
let model: LayersModel;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
  model = await tunedClip(backbone, 'maple', { classNames });
});

/** A picture that cannot be read. */
const broken = (label: number) => ({
  label,
  name: 'broken',
  load: () => Promise.reject(new MapleError('broken.png cannot be decoded.')),
});

describe('evaluateData', () => {
  test('gives the figures of evaluateClassifier, whatever the order and spelling of the data’s names', async () => {
    const expected = await evaluateClassifier(model, examples);
    const tensors = tf.memory().numTensors;
    const turned = examples.map((example) => ({ ...example, label: 3 - example.label }));
    const data = { classNames: ['OWL', 'fox', 'Dog', 'cat'], examples: turned };
    const progress: number[] = [];
    const found = await evaluateData(model, data, { batchSize: 7, onProgress: (done) => progress.push(done) });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(found).toMatchObject({ ...expected, skipped: [], unknownClasses: [] });
    expect(found.names).toEqual(examples.map(({ name }) => name));
    expect(progress).toEqual(examples.map((_, index) => index + 1));
  });

  test('leaves out what cannot be read and what the model does not know', async () => {
    const data = {
      classNames: [...classNames, 'zebra'],
      examples: [...examples, broken(0), { ...examples[0], label: 4 }],
    };
    const found = await evaluateData(model, data);
    expect(found.pictures).toBe(examples.length);
    expect(found.skipped).toEqual([{ path: 'broken', reason: 'broken.png cannot be decoded.' }]);
    expect(found.unknownClasses).toEqual(['zebra']);
  });

  test('refuses data without a readable picture', async () => {
    await expect(evaluateData(model, { classNames, examples: [broken(1)] })).rejects.toThrow(
      'No picture of a class that the model knows could be tested: broken.png cannot be decoded.',
    );
    await expect(evaluateData(model, { classNames, examples: [] })).rejects.toThrow('there is none');
  });
});

describe('predictExamples', () => {
  test('holds no more than two batches of pictures, however many there are', async () => {
    let [open, most] = [0, 0];
    function* many() {
      for (let index = 0; index < 40; index++) {
        open++;
        most = Math.max(most, open);
        yield examples[index % examples.length];
      }
    }
    for await (const said of predictExamples(model, many(), { batchSize: 4 })) {
      open--;
      expect('probabilities' in said && said.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
    expect(most).toBeLessThanOrEqual(12);
    expect(open).toBe(0);
  });

  test('a defect while reading is not taken for a picture that is damaged', async () => {
    const defect = { ...examples[0], load: () => Promise.reject(new TypeError('no such method')) };
    const all = async () => {
      for await (const said of predictExamples(model, [defect])) {
        expect(said).toBeUndefined();
      }
    };
    await expect(all()).rejects.toThrow('no such method');
    await expect(predictExamples(model, [], { batchSize: 0 }).next()).rejects.toThrow(
      '`batchSize` must be a positive integer. Received: 0.',
    );
  });
});

test('zeroShotClassifier is a folded model that says what the unfolded one says', async () => {
  const templates = ['a photo of a {}.', 'a drawing of a {}.'];
  const design = promptDesign('zeroShot', backbone.config);
  const whole = await buildClip(backbone, { classNames, design, templates });
  const tensors = tf.memory().numTensors;
  const folded = await zeroShotClassifier(backbone, classNames, { templates });
  expect(modelMetadata(folded)).toMatchObject({ folded: true, classNames });
  const probabilities = async (of: LayersModel) => {
    const rows = [];
    for await (const said of predictExamples(of, examples)) {
      rows.push('probabilities' in said ? [...said.probabilities] : []);
    }
    return rows;
  };
  const expected = await probabilities(whole);
  expect(await probabilities(folded)).toEqual(expected.map((row) => row.map((value) => expect.closeTo(value, 5))));
  folded.dispose();
  expect(tf.memory().numTensors).toBe(tensors);
});

test('shareInterval is Wilson’s', () => {
  // Worked out in Python from the formula.
  const close = (low: number, high: number) => ({ low: expect.closeTo(low, 6), high: expect.closeTo(high, 6) });
  expect(shareInterval(8, 10)).toEqual(close(0.490162, 0.943318));
  expect(shareInterval(0, 20)).toEqual(close(0, 0.161125));
  expect(shareInterval(5, 5)).toEqual(close(0.565518, 1));
  expect(() => shareInterval(3, 2)).toThrow('Received: 3 of 2.');
  expect(() => shareInterval(0, 0)).toThrow('Received: 0 of 0.');
});
