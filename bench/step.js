import * as tf from '@tensorflow/tfjs-core';
import { buildClip, clipConfigs, crossEntropy, foldClassifier, promptDesign, promptSgd } from '../dist/src/index.js';
import { chooseBackend } from '../dist/src/node/index.js';
import { randomBackbone } from '../dist/src/node/random_backbone.js';
import { manyClassNames } from './class_names.js';

/** Times a MaPLe step and a prediction at ViT-B/16's shape; memory is the process's peak, model and all. */
export async function benchStep({ classes, batch, textRows, recompute, repeats, backend }) {
  const { description } = await chooseBackend(backend);
  console.log(description);
  const config = clipConfigs.vitB16;
  const model = await buildClip(await randomBackbone(config, 'random ViT-B/16'), {
    classNames: manyClassNames(classes),
    design: promptDesign('maple', config),
    textRows,
    recompute,
  });
  const sources = model.layers.filter(({ name }) => name.startsWith('text/class_tokens'));
  const tokens = sources.map(({ weights }) => weights[0].shape[0]);
  const built = peakMemory();
  console.log(
    `${classes} classes, text tokens ${tokens.join(' + ')}, batch ${batch}; peak memory after building ${gigabytes(built)}`,
  );

  model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
  const images = tf.randomNormal([batch, 224, 224, 3], 0, 1, 'float32', 1);
  const labels = tf.oneHot(tf.range(0, batch, 1, 'int32'), classes);
  const steps = await seconds(repeats, () => model.trainOnBatch(images, labels));
  console.log(`training step: ${summary(steps)}; peak memory ${gigabytes(peakMemory())}`);

  const classifier = await foldClassifier(model);
  const pictures = tf.randomNormal([16, 224, 224, 3], 0, 1, 'float32', 2);
  const answers = await seconds(repeats, async () => {
    const logits = classifier.predict(pictures);
    await logits.data();
    logits.dispose();
  });
  console.log(`prediction of 16 pictures: ${summary(answers)}; peak memory ${gigabytes(peakMemory())}`);
}

async function seconds(repeats, run) {
  const times = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  return times.slice(1).sort((one, other) => one - other);
}

function summary(times) {
  const median = times[Math.floor(times.length / 2)];
  return `median of ${times.length} ${median.toFixed(2)} s (${times[0].toFixed(2)} to ${times.at(-1).toFixed(2)})`;
}

function peakMemory() {
  return process.resourceUsage().maxRSS * 1024;
}

function gigabytes(bytes) {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
