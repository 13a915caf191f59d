// This library's side of a comparison of features, told as JSON a folded classifier and how many pictures: loaded as by a
// program that only classifies.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { chooseBackend } from '../../dist/src/node/index.js';
import { answerTasks } from './answer_tasks.js';

const { classifier, pictures } = JSON.parse(process.argv[2]);
const { description } = await chooseBackend('native');
const folded = await tfl.loadLayersModel(`file://${classifier}/model.json`);
const imageTower = tfl.model({ inputs: folded.inputs, outputs: folded.getLayer('logits').input[0] });
const [, ...size] = folded.inputs[0].shape;
// The same that the peers are given.
const images = tf.randomNormal([pictures, ...size], 0, 1, 'float32', 2);

await answerTasks(description, {
  features: async () => {
    const features = imageTower.predict(images, { batchSize: pictures });
    const values = await features.data();
    features.dispose();
    return values;
  },
});
