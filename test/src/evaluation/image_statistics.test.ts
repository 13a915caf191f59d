import { beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import type { ImageStatistics } from '../../../src/clip/config.js';
import type { Example } from '../../../src/data/dataset.js';
import { testTransform, toFloat } from '../../../src/data/preprocess.js';
import { evaluateClassifier } from '../../../src/evaluation/evaluate.js';
import { predictExamples } from '../../../src/evaluation/predict_examples.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { Random } from '../../../src/random.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const STATISTICS: ImageStatistics = {
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
  fit: 'squash',
  filter: 'bilinear',
};
const random = new Random(3);
/** Wide pictures, whose ends a centre crop would lose. */
const pictures = Array.from({ length: 6 }, () => ({
  width: 60,
  height: 20,
  data: Uint8Array.from({ length: 3600 }, () => random.integer(256)),
}));
const examples: Example[] = pictures.map((picture, index) => ({
  name: `picture ${index}`,
  label: index % 3,
  load: async () => picture,
}));
let model: LayersModel;

/** Probabilities of each picture, prepared by hand. */
function byHand(statistics: ImageStatistics): number[][] {
  return tf.tidy(() => {
    const squares = pictures.map((picture) => testTransform(picture, 16, statistics));
    const images = tf.tensor4d(toFloat(squares, statistics), [pictures.length, 16, 16, 3]);
    return (tf.softmax(model.predict(images) as tf.Tensor2D) as tf.Tensor2D).arraySync();
  });
}

describe('a model whose pictures are squashed, bilinear', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    const backbone = { ...(await tinyBackbone()), imageStatistics: STATISTICS };
    const design = promptDesign('zeroShot', backbone.config);
    model = await buildClip(backbone, { classNames: ['cat', 'dog', 'fox'], design });
  });

  test('predicts and is tested so', async () => {
    const expected = byHand(STATISTICS);
    const said: number[][] = [];
    for await (const prediction of predictExamples(model, examples, { batchSize: 4 })) {
      said.push('probabilities' in prediction ? Array.from(prediction.probabilities) : []);
    }
    const difference = (one: number[][], other: number[][]): number =>
      Math.max(...one.flatMap((row, index) => row.map((value, at) => Math.abs(value - other[index][at]))));
    expect(difference(said, expected)).toBeLessThan(1e-6);
    expect(difference(said, byHand({ ...STATISTICS, fit: 'crop' }))).toBeGreaterThan(1e-3);
    expect(difference(said, byHand({ ...STATISTICS, filter: 'bicubic' }))).toBeGreaterThan(1e-4);
    const tested = await evaluateClassifier(model, examples);
    expect(tested.said).toEqual(expected.map((row) => row.indexOf(Math.max(...row))));
  });

  test('keeps them when it is saved', async () => {
    let kept: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        kept = JSON.parse(JSON.stringify({ ...artifacts, weightData: undefined })) as tf.io.ModelArtifacts;
        kept.weightData = artifacts.weightData;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await loadLayersModel(tf.io.fromMemory(kept as tf.io.ModelArtifacts));
    expect(modelMetadata(loaded).imageStatistics).toEqual(STATISTICS);
    loaded.dispose();
  });
});
