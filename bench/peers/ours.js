// This library's side of a comparison: told sizes as JSON, then a task a line (step, features), which it answers with
// seconds and peak memory.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip, clipConfigs, crossEntropy, foldClassifier, promptDesign, promptSgd } from '../../dist/src/index.js';
import { chooseBackend, emojiConcepts } from '../../dist/src/node/index.js';
import { randomBackbone } from '../../dist/src/node/random_backbone.js';

const sizes = { classes: 50, batch: 4, pictures: 16, shape: 'vitB16', ...JSON.parse(process.argv[2]) };
const { classes, batch, pictures, shape, depth, recompute } = sizes;
const { description } = await chooseBackend('native');
const config = clipConfigs[shape];
const backbone = await randomBackbone(config, `random ${shape}`);
const names = emojiConcepts().map(({ label }) => label);
const classNames = Array.from({ length: classes }, (_, index) => names[names.length - 1 - index]);
const model = await buildClip(backbone, { classNames, design: promptDesign('maple', config, { depth }), recompute });
model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
const side = config.vision.imageSize;
const images = tf.randomNormal([batch, side, side, 3], 0, 1, 'float32', 1);
const labels = tf.oneHot(tf.range(0, batch, 1, 'int32'), classes);
const others = tf.randomNormal([pictures, side, side, 3], 0, 1, 'float32', 2);
let classifier;

const tasks = {
  step: () => model.trainOnBatch(images, labels),
  features: async () => {
    classifier ??= await foldClassifier(model);
    const logits = classifier.predict(others, { batchSize: pictures });
    await logits.data();
    logits.dispose();
  },
};

console.log(JSON.stringify({ ready: description }));
for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  await tasks[line]();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS * 1024 }));
}
