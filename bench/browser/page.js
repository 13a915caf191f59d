// Times MaPLe steps of the shipped CLIP in a browser, on WASM, and sends the times back. Bundled by bench/browser_step.js.
/* global fetch, location, crossOriginIsolated */
import * as tf from '@tensorflow/tfjs-core';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import {
  blobSource,
  buildClip,
  ClipTokenizer,
  crossEntropy,
  openClip,
  promptDesign,
  promptSgd,
} from '../../dist/src/index.js';
import { kernelSets, useKernels } from '../wasm_kernels.js';

const CLASSES =
  'apple,pear,plum,grape,melon,lemon,peach,cherry,mango,kiwi,tomato,bread,cheese,egg,rice,cake,candy,honey,milk,tea';

async function run({ threads, repeats }) {
  setWasmPaths('/wasm/');
  setThreadsCount(threads);
  const sets = kernelSets();
  await tf.setBackend('wasm');
  const step = await trainingStep();
  const times = Object.fromEntries(Object.keys(sets).map((name) => [name, []]));
  for (let repeat = -2; repeat < repeats; repeat++) {
    for (const [name, kernels] of Object.entries(sets)) {
      useKernels(kernels);
      const start = performance.now();
      await step();
      if (repeat >= 0) {
        times[name].push(performance.now() - start);
      }
    }
  }
  const hasThreads = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  return { isolated: crossOriginIsolated, hasThreads, threads: getThreadsCount(), times };
}

async function trainingStep() {
  const get = async (name) => (await fetch(`/clip/${name}`)).blob();
  const json = async (name) => JSON.parse(await (await get(name)).text());
  const backbone = await openClip({
    name: 'the shipped CLIP',
    identity: 'not needed',
    weights: blobSource('model.safetensors', await get('model.safetensors')),
    configJson: await json('config.json'),
    tokenizer: ClipTokenizer.fromJson(await json('tokenizer.json')),
  });
  const classNames = CLASSES.split(',');
  const model = await buildClip(backbone, { classNames, design: promptDesign('maple', backbone.config) });
  model.compile({ optimizer: promptSgd({ learningRate: 0.0035 }), loss: crossEntropy });
  const side = backbone.config.vision.imageSize;
  const images = tf.randomNormal([4, side, side, 3], 0, 1, 'float32', 1);
  const labels = tf.oneHot(tf.range(0, 4, 1, 'int32'), classNames.length);
  return () => model.trainOnBatch(images, labels);
}

const settings = JSON.parse(decodeURIComponent(location.search.slice(1)));
const result = await run(settings).catch((error) => ({ error: String(error.stack) }));
await fetch('/result', { method: 'POST', body: JSON.stringify(result) });
