import * as tf from '@tensorflow/tfjs-core';
import { clipConfigs, layers } from '../dist/src/index.js';
import { frozenLayers } from '../dist/src/backbone/layer_source.js';
import { transformerTowers } from '../dist/src/clip/transformer_towers.js';
import { textTowerModel } from '../dist/src/clip/text_tower_model.js';
import { chooseBackend } from '../dist/src/node/index.js';

/**
 * Time and memory of one gradient of ViT-B/16's text tower, `rows` texts at once. One form a process: the memory is the
 * process's peak.
 */
export async function benchTextRows({ texts, rows, length, backend }) {
  const { description } = await chooseBackend(backend);
  console.log(description);
  const config = clipConfigs.vitB16;
  const tower = layers.chunkedModel({
    model: textTowerModel(transformerTowers(config), config, frozenLayers, true),
    rows,
  });
  const embeddings = tf.randomNormal([texts, length, config.text.width]);
  const ends = tf.fill([texts], length - 1);

  const before = { tensors: tf.memory().numBytes, process: process.memoryUsage().rss };
  let most = 0;
  const engine = tf.engine();
  const { runKernel } = engine;
  engine.runKernel = function (...args) {
    const result = runKernel.apply(this, args);
    most = Math.max(most, tf.memory().numBytes);
    return result;
  };
  const start = performance.now();
  const gradient = tf.grad((x) => tf.sum(tower.apply([x, ends], { training: true })))(embeddings);
  await gradient.data();
  const seconds = (performance.now() - start) / 1000;
  engine.runKernel = runKernel;

  const gigabytes = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const grown = process.resourceUsage().maxRSS * 1024 - before.process;
  console.log(
    `${texts} texts of ${length} positions, ${rows} at once: ${seconds.toFixed(1)} s, tensors at most ` +
      `${gigabytes(most - before.tensors)}, the process grew by ${gigabytes(grown)}`,
  );
}
