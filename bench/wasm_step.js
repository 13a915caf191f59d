import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip, crossEntropy, promptDesign, promptSgd } from '../dist/src/index.js';
import { emojiConcepts, loadBackbone } from '../dist/src/node/index.js';
import { middle } from './peer.js';
import { kernelSets, useKernels } from './wasm_kernels.js';

const BACKBONE = fileURLToPath(new URL('../assets/emoji-clip', import.meta.url));

/** A training step of the shipped CLIP on WASM, with tfjs' own kernels and with those of `speedUpWasm`, in alternation. */
export async function benchWasmStep({ methods, classes, batch, repeats }) {
  createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm');
  const kernels = kernelSets();
  await tf.setBackend('wasm');
  const backbone = await loadBackbone(BACKBONE);
  const { config } = backbone;
  const side = config.vision.imageSize;
  const images = tf.randomNormal([batch, side, side, 3], 0, 1, 'float32', 1);
  const labels = tf.oneHot(tf.range(0, batch, 1, 'int32'), classes);
  const classNames = emojiConcepts()
    .slice(-classes)
    .map(({ label }) => label);
  for (const method of methods.split(',')) {
    const model = await buildClip(backbone, { classNames, design: promptDesign(method, config) });
    model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
    const times = new Map(Object.keys(kernels).map((name) => [name, { wall: [], processor: [] }]));
    for (let repeat = -2; repeat < repeats; repeat++) {
      for (const [name, registered] of Object.entries(kernels)) {
        useKernels(registered);
        const [start, before] = [performance.now(), process.cpuUsage()];
        await model.trainOnBatch(images, labels);
        const { user, system } = process.cpuUsage(before);
        if (repeat >= 0) {
          times.get(name).wall.push(performance.now() - start);
          times.get(name).processor.push((user + system) / 1000);
        }
      }
    }
    console.log(`${method}, ${classes} classes, batch ${batch}; median of ${repeats} (least to most), milliseconds`);
    for (const [name, { wall, processor }] of times) {
      console.log(`  ${name.padEnd(12)} ${summary(wall)}; of the processor ${summary(processor)}`);
    }
    const [slow, fast] = [...times.values()].map(({ processor }) => processor);
    const ratios = slow.map((time, index) => time / fast[index]).sort((a, b) => a - b);
    console.log(`  processor time, tfjs alone / speedUpWasm: ${middle(ratios).toFixed(2)}`);
  }
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return `${middle(sorted).toFixed(0)} (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`;
}
