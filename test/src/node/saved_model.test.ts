import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { foldClassifier } from '../../../src/clip/fold_classifier.js';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { swapClassNames } from '../../../src/clip/swap_class_names.js';
import { chooseBackend, type BackendName } from '../../../src/node/backend.js';
import { promptFiles } from '../../../src/weights/prompt_files.js';
import { builtPackage, BUILD_TIMEOUT, runNode } from '../../helpers/built_package.js';
import { largestDifference } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';
/** Names that tfjs would change in a layer's configuration. */
const CLASSES = ['American Bulldog', 'ViT-B/16', 'great_white_shark', "l'été"];
const SAME = 1e-6;

/** What the other process prints. */
interface Report {
  backend: string;
  models: { classNames: string[]; logits: number[] }[];
}

/** A user's program: tfjs, and tfjs-maple by its name. */
function program(tfjs: string): string {
  return `${tfjs}
import { readFileSync } from 'node:fs';
import { classNamesOf } from 'tfjs-maple';
import { chooseBackend } from 'tfjs-maple/node';

const [backend, images, ...folders] = process.argv.slice(2);
await chooseBackend(backend);
const x = tf.tensor(JSON.parse(readFileSync(images, 'utf8')));
const models = [];
for (const folder of folders) {
  const model = await loadLayersModel('file://' + folder);
  models.push({ classNames: classNamesOf(model), logits: Array.from(model.predict(x).dataSync()) });
}
console.log(JSON.stringify({ backend: tf.getBackend(), models }));
`;
}

const PROGRAMS = {
  'tfjs-core and tfjs-layers': program(`import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';`),
  'the union package tfjs': program(`import * as tf from '@tensorflow/tfjs';
const { loadLayersModel } = tf;`),
};

const required = existsSync(ADDON) || process.env.MAPLE_REQUIRE_NATIVE === '1';
const backends: BackendName[] = required ? ['wasm', 'native'] : ['wasm'];

let builds: string;
let work: string;
let backbone: Backbone;

beforeAll(async () => {
  builds = await builtPackage();
  // Inside the package, which is what lets a program import it by its name.
  work = mkdtempSync(join(builds, 'saved-model-'));
  backbone = await tinyBackbone();
}, BUILD_TIMEOUT);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.each(backends)('a model saved on %s', (backend) => {
  let tuned: tfl.LayersModel;
  let folded: tfl.LayersModel;
  let images: tf.Tensor4D;
  const folder = (name: string): string => join(work, `${backend} ${name}`);

  beforeAll(async () => {
    await chooseBackend(backend);
    images = somePictures(backbone, 5);
    tuned = await tunedClip(backbone, 'maple', { classNames: CLASSES });
    folded = await foldClassifier(tuned);
    await tuned.save(`file://${folder('tuned')}`);
    await folded.save(`file://${folder('folded')}`);
    writeFileSync(folder('images.json'), JSON.stringify(await images.array()));
  });

  test.each(Object.entries(PROGRAMS))('gives the same logits and class names in a process with %s', async (_, text) => {
    const script = folder('load.mjs');
    writeFileSync(script, text);
    const args = [script, backend, folder('images.json'), folder('tuned'), folder('folded')];
    const report = JSON.parse(await runNode(args, work)) as Report;
    expect(report.backend).toBe(backend === 'native' ? 'tensorflow' : 'wasm');
    expect(report.models).toHaveLength(2);
    for (const [index, model] of [tuned, folded].entries()) {
      const found = tf.tensor(report.models[index].logits, [5, CLASSES.length]);
      expect(largestDifference(found, model.predict(images) as tf.Tensor)).toBeLessThanOrEqual(SAME);
      expect(report.models[index].classNames).toEqual(CLASSES);
    }
    // Random weights still tell the pictures apart, or equal logits would say little.
    expect(new Set(report.models[0].logits).size).toBe(5 * CLASSES.length);
  });

  test('is the same to this process: metadata, prompts, other class names', async () => {
    const loaded = await tfl.loadLayersModel(`file://${folder('tuned')}`);
    expect(modelMetadata(loaded)).toEqual(modelMetadata(tuned));
    expect(await promptFiles(loaded)).toEqual(await promptFiles(tuned));
    const [one, other] = await Promise.all(
      [loaded, tuned].map((model) => swapClassNames(model, backbone, ['fox', 'owl'])),
    );
    expect(largestDifference(one.predict(images) as tf.Tensor, other.predict(images) as tf.Tensor)).toBeLessThanOrEqual(
      SAME,
    );
  });

  test('holds the model in tfjs files only', () => {
    expect(readdirSync(folder('tuned')).sort()).toEqual(['model.json', expect.stringMatching(/^weights-.*\.bin$/)]);
  });
});
