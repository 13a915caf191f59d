import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { build, type BuildOptions } from 'esbuild';
import { buildClip } from '../../src/clip/build_clip.js';
import { chooseBackend } from '../../src/node/backend.js';
import { fileHandler } from '../../src/node/file_handler.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { promptSgd } from '../../src/training/sgd.js';
import { BUILD_TIMEOUT, builtPackage, runNode } from '../helpers/built_package.js';
import { largestDifference } from '../helpers/close.js';
import { tinyBackbone } from '../helpers/tiny_clip.js';
import { somePictures } from '../helpers/tuned_clip.js';

const TFJS = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'];

/** A page's program, but for where its files come from: it loads a model that was saved with its optimiser. */
const LOAD = `import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

const [folder] = process.argv.slice(2);
const { modelTopology, weightsManifest, trainingConfig } = JSON.parse(readFileSync(folder + '/model.json', 'utf8'));
const [{ paths, weights: weightSpecs }] = weightsManifest;
const bytes = readFileSync(folder + '/' + paths[0]);
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
const load = async () => ({ modelTopology, weightSpecs, weightData, trainingConfig });
const model = await loadLayersModel({ load });
const images = tf.tensor(JSON.parse(readFileSync(folder + '/images.json', 'utf8')));
console.log(JSON.stringify({
  logits: Array.from(model.predict(images).dataSync()),
  optimizer: model.optimizer.constructor.className,
  known: Object.keys(tf.serialization.SerializationMap.getMap().classNameMap).sort(),
}));
`;

interface Report {
  logits: number[];
  optimizer: string;
  /** All classes that saved models may name. */
  known: string[];
}

let folder: string;
let work: string;
let logits: tf.Tensor;

beforeAll(async () => {
  folder = await builtPackage();
  work = mkdtempSync(join(folder, 'side-effects-'));
  await chooseBackend('wasm');
  const backbone = await tinyBackbone();
  const design = promptDesign('maple', backbone.config);
  const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design });
  model.compile({ optimizer: promptSgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
  const images = somePictures(backbone, 2);
  logits = model.predict(images) as tf.Tensor;
  await model.save(fileHandler(work), { includeOptimizer: true });
  writeFileSync(join(work, 'images.json'), JSON.stringify(await images.array()));
}, BUILD_TIMEOUT);

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A program that imports the package by its name, as a bundler that heeds `sideEffects` leaves it. */
async function bundle(contents: string, options: BuildOptions = {}): Promise<{ program: string; files: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: work },
    absWorkingDir: folder,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    external: TFJS,
    logLevel: 'silent',
    ...options,
  });
  const [{ inputs }] = Object.values(metafile!.outputs);
  const files = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0);
  return { program: outputFiles![0].text, files };
}

async function run(name: string, program: string): Promise<Report> {
  writeFileSync(join(work, name), program);
  const printed = await runNode([join(work, name), work], work);
  return JSON.parse(printed.slice(printed.indexOf('{"logits"'))) as Report;
}

test.each([
  ['one function', "import { buildClip } from 'tfjs-maple';\nglobalThis.used = buildClip;"],
  ['nothing', "import 'tfjs-maple';"],
  // By its path, so that only other packages stay outside: sharp cannot be bundled.
  ['one function for Node', "import { fileHandler } from '../dist/src/node/index.js';\nglobalThis.used = fileHandler;"],
])('a bundle that imports %s knows all classes of saved models', async (name, imported) => {
  const whole = await run('whole.mjs', `import 'tfjs-maple';\n${LOAD}`);
  expect(whole.known).toEqual(
    expect.arrayContaining(['DeepTextPrompt', 'ClassFeatures', 'MaplePromptSgd', 'MapleAdamW']),
  );
  const others = imported.includes('../') ? { packages: 'external' as const } : {};
  const { program } = await bundle(`${imported}\n${LOAD}`, others);
  const report = await run(`${name.replaceAll(' ', '_')}.mjs`, program);
  expect(report.known).toEqual(whole.known);
  expect(report.optimizer).toBe('MaplePromptSgd');
  expect(largestDifference(tf.tensor(report.logits, logits.shape), logits)).toBeLessThanOrEqual(1e-4);
});

test('a bundle has, of what it does not use, the classes of saved models and what these need', async () => {
  const { files } = await bundle("import 'tfjs-maple';");
  expect(files.filter((path) => !path.startsWith('dist/layers/')).sort()).toEqual([
    // Without splitting a bundle initialises here what it shares with what a page would fetch later: 15 bytes.
    'dist/src/index.js',
    'dist/src/must_hold.js',
    'dist/src/training/adamw.js',
    'dist/src/training/optimizer_slots.js',
    'dist/src/training/sgd.js',
    'dist/src/training/slot_optimizer.js',
  ]);
});
