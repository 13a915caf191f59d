// The measured half of `npm run bench -- load`: one process a method, so that its peak memory is its own.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip, promptDesign } from '../dist/src/index.js';
import { chooseBackend, loadBackbone } from '../dist/src/node/index.js';

process.once('message', async ({ folder, method, backend }) => {
  const { description } = await chooseBackend(backend);
  // Once through the backend: what it takes for itself is not the model's.
  await tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).data();
  const before = peakMemory();
  const seconds = {};
  const timed = async (step, run) => {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const result = await run();
    const { user, system } = process.cpuUsage(cpu);
    seconds[step] = { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
    return result;
  };
  const backbone = await timed('open', () => loadBackbone(folder));
  const design = promptDesign(method, backbone.config);
  const classNames = ['cat', 'dog', 'bird', 'tench'];
  const model = await timed('build', () => buildClip(backbone, { classNames, design }));
  const built = peakMemory() - before;
  const { imageSize } = backbone.config.vision;
  const logits = await timed('predict', () => model.predict(tf.zeros([1, imageSize, imageSize, 3])).data());
  if (!logits.every(Number.isFinite)) {
    throw new Error(`The logits must be finite. Received: ${logits.join(', ')}.`);
  }
  const extra = { built, predicted: peakMemory() - before };
  process.send({ description, seconds, extra, logits: logits.length }, () => process.exit());
});

/** The most memory this process ever held, in bytes. */
function peakMemory() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}
