// This library's side of a comparison of training steps, told sizes as JSON. Told `tower`, a path, and `classifier`, a
// folder, it writes the tuned image tower there instead: for peers, and as this library saves a folded classifier.
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { buildClip, clipConfigs, crossEntropy, foldClassifier, promptDesign, promptSgd } from '../../dist/src/index.js';
import { chooseBackend } from '../../dist/src/node/index.js';
import { randomBackbone } from '../../dist/src/node/random_backbone.js';
import { encodeSafetensors } from '../../dist/src/weights/safetensors_writer.js';
import { manyClassNames } from '../class_names.js';
import { answerTasks } from './answer_tasks.js';

const sizes = { classes: 50, batch: 4, pictures: 16, shape: 'vitB16', ...JSON.parse(process.argv[2]) };
const { classes, batch, pictures, shape, depth, recompute, tower, classifier } = sizes;
const { description } = await chooseBackend('native');
const config = clipConfigs[shape];
const backbone = await randomBackbone(config, `random ${shape}`);
const classNames = manyClassNames(classes);
const model = await buildClip(backbone, { classNames, design: promptDesign('maple', config, { depth }), recompute });
model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
const side = config.vision.imageSize;
const images = tf.randomNormal([batch, side, side, 3], 0, 1, 'float32', 1);
const labels = tf.oneHot(tf.range(0, batch, 1, 'int32'), classes);
const others = tf.randomNormal([pictures, side, side, 3], 0, 1, 'float32', 2);

/** The image tower's weights, prompts among them, and the pictures, for peers that are to compute the same. */
async function writeTower() {
  const folded = await foldClassifier(model);
  await folded.save(`file://${classifier}`);
  const imageTower = tfl.model({ inputs: folded.inputs, outputs: folded.getLayer('logits').input[0] });
  const tensors = [{ name: 'images', dtype: 'F32', shape: others.shape, values: await others.data() }];
  for (const weight of imageTower.layers.flatMap(({ weights }) => weights)) {
    const { originalName: name, shape } = weight;
    tensors.push({ name, dtype: 'F32', shape, values: await weight.read().data() });
  }
  await writeFile(tower, encodeSafetensors(tensors));
}

if (tower) {
  await writeTower();
  process.exit();
}
await answerTasks(description, { step: () => model.trainOnBatch(images, labels) });
