import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip } from '../../src/clip/build_clip.js';
import { foldClassifier } from '../../src/clip/fold_classifier.js';
import { swapClassNames } from '../../src/clip/swap_class_names.js';
import { chooseBackend } from '../../src/node/backend.js';
import { fileHandler } from '../../src/node/file_handler.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { BUILD_TIMEOUT, builtPackage, runNode } from '../helpers/built_package.js';
import { largestDifference } from '../helpers/close.js';
import { tinyBackbone } from '../helpers/tiny_clip.js';
import { somePictures } from '../helpers/tuned_clip.js';

/** A user's program: tfjs and its CPU backend, and of tfjs-maple the layers alone. */
const PROGRAM = `import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import 'tfjs-maple/layers';

const [folder, images] = process.argv.slice(2);
const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(readFileSync(folder + '/model.json', 'utf8'));
const [{ paths, weights }] = weightsManifest;
const bytes = readFileSync(folder + '/' + paths[0]);
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
const load = async () => ({ modelTopology, weightSpecs: weights, weightData, userDefinedMetadata });
const model = await loadLayersModel({ load });
const logits = model.predict(tf.tensor(JSON.parse(readFileSync(images, 'utf8'))));
console.log(JSON.stringify({
  logits: Array.from(logits.dataSync()),
  layers: model.layers.map((layer) => layer.name),
  trainable: model.layers.find((layer) => layer.name === 'text/features').trainableWeights.length,
  classNames: model.getUserDefinedMetadata().tfjsMaple.classNames,
}));
`;

interface Report {
  logits: number[];
  layers: string[];
  trainable: number;
  classNames: string[];
}

let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(await builtPackage(), 'folded-'));
  await chooseBackend('wasm');
}, BUILD_TIMEOUT);

afterAll(() => rmSync(work, { recursive: true, force: true }));

test("a folded model, its class names swapped, is loaded by plain tfjs with the layers' entry alone", async () => {
  const backbone = await tinyBackbone();
  const design = promptDesign('maple', backbone.config);
  const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design });
  const names = ['fox', 'American Bulldog', 'owl'];
  const swapped = await swapClassNames(model, backbone, names);
  const folded = await foldClassifier(swapped);
  const images = somePictures(backbone, 2);
  await folded.save(fileHandler(join(work, 'folded')));
  await model.save(fileHandler(join(work, 'whole')));
  writeFileSync(join(work, 'images.json'), JSON.stringify(await images.array()));
  writeFileSync(join(work, 'load.mjs'), PROGRAM);

  const printed = await runNode([join(work, 'load.mjs'), join(work, 'folded'), join(work, 'images.json')], work);
  const report = JSON.parse(printed.slice(printed.indexOf('{'))) as Report;
  const found = tf.tensor(report.logits, [2, names.length]);
  expect(largestDifference(found, swapped.predict(images) as tf.Tensor)).toBeLessThanOrEqual(1e-4);
  expect(report.classNames).toEqual(names);
  expect(report.trainable).toBe(0);
  // No text tower: nothing of text but the features.
  expect(report.layers.filter((name) => name.startsWith('text/'))).toEqual(['text/features']);
  expect(sizeOf('folded')).toBeLessThan(sizeOf('whole'));
});

function sizeOf(folder: string): number {
  return readdirSync(join(work, folder)).reduce((sum, name) => sum + statSync(join(work, folder, name)).size, 0);
}
