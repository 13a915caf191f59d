import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { build, type BuildOptions, type BuildResult } from 'esbuild';

const TFJS = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
/** What only Node has, as file or package. */
const NODE_ONLY = /^src\/(node|cli|report|emoji_world)\/|node_modules\/(sharp|commander|cli-|env-paths|@iconify)/;

function bundle(options: BuildOptions): Promise<BuildResult> {
  return build({ bundle: true, write: false, metafile: true, platform: 'browser', logLevel: 'silent', ...options });
}

describe.each(['src/index.ts', 'layers/index.ts'])('%s', (entry) => {
  test('needs no Node module and nothing of ./node', async () => {
    const { metafile } = await bundle({ entryPoints: [entry], format: 'esm', external: TFJS });
    const inputs = Object.entries(metafile!.inputs);
    const imports = inputs.flatMap(([, { imports: found }]) => found);
    const external = new Set(imports.filter((found) => found.external).map(({ path }) => path));
    expect([...external].sort()).toEqual(TFJS);
    expect(imports.filter(({ path }) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([]);
    expect(inputs.map(([path]) => path).filter((path) => NODE_ONLY.test(path))).toEqual([]);
    expect(inputs.map(([path]) => path)).toContain(entry);
  });
});

test('layers stand alone: nothing of src/, and no package but tfjs', async () => {
  const { metafile } = await bundle({ entryPoints: ['layers/index.ts'], format: 'esm', external: TFJS });
  expect(Object.keys(metafile!.inputs).filter((path) => !path.startsWith('layers/'))).toEqual([]);
});

test('the check would see the packages for archives and texts, which weigh more than all layers', async () => {
  const { metafile } = await bundle({ entryPoints: ['src/index.ts'], format: 'esm', external: TFJS });
  const inputs = Object.keys(metafile!.inputs);
  for (const name of ['@zip.js/zip.js', 'ftfy-js', '@huggingface/tokenizers']) {
    expect(inputs.some((path) => path.startsWith(`node_modules/${name}/`))).toBe(true);
  }
});

test('the entry stays small, and what reads archives is fetched when it is needed', async () => {
  const { metafile } = await bundle({
    entryPoints: ['src/index.ts'],
    format: 'esm',
    external: TFJS,
    minify: true,
    splitting: true,
    outdir: 'out',
  });
  const [entry] = Object.values(metafile!.outputs).filter(({ entryPoint }) => entryPoint === 'src/index.ts');
  expect(entry.bytes).toBeLessThan(430_000);
  const fetched = [
    '@zip.js',
    'weights/torch/torch_archive',
    'weights/torch/torch_legacy',
    'weights/torch/pickle_reader',
  ];
  expect(Object.keys(entry.inputs).filter((path) => fetched.some((part) => path.includes(part)))).toEqual([]);
});

test('the check would see a Node module', async () => {
  const built = bundle({ entryPoints: ['src/node/index.ts'], format: 'esm', external: TFJS, logLimit: 0 });
  // The message names only the first few; the failure itself lists all.
  const unresolved = expect.objectContaining({ text: 'Could not resolve "fs"' });
  await expect(built).rejects.toMatchObject({ errors: expect.arrayContaining([unresolved]) });
});

/** A page's program: builds, tunes a step, takes the prompts away as files and loads them again. */
const PAGE = `
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip, ClipTokenizer, CLIP_IMAGE_STATISTICS, classNamesOf, promptDesign, promptSgd, pruneTokenizer }
  from './src/index.js';
import { loadPromptFiles, promptFiles } from './src/weights/prompt_files.js';
import { randomWeights } from './src/weights/random_weights.js';

export async function page(merges) {
  await tf.setBackend('cpu');
  const tower = { layers: 2, heads: 2, width: 16, mlpWidth: 32, activation: 'gelu', epsilon: 1e-5 };
  const tokenizer = pruneTokenizer(ClipTokenizer.fromMerges(merges), ['a photo of a cat.', 'dog']);
  const config = {
    embedDim: 8,
    vision: { ...tower, imageSize: 16, patchSize: 8 },
    text: { ...tower, contextLength: 16, vocabularySize: tokenizer.vocabularySize },
  };
  const weights = randomWeights(config, 1);
  const backbone = { name: 'b', identity: 'i', config, tokenizer, weights, imageStatistics: CLIP_IMAGE_STATISTICS };
  const design = promptDesign('maple', config);
  const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design });
  model.compile({ optimizer: promptSgd({ learningRate: 0.1 }), loss: (y, x) => tf.losses.softmaxCrossEntropy(y, x) });
  const images = tf.randomNormal([2, 16, 16, 3], 0, 1, 'float32', 3);
  await model.trainOnBatch(images, tf.tensor2d([[1, 0], [0, 1]]));
  const loaded = await loadPromptFiles(await promptFiles(model), backbone);
  const logits = [loaded, model].map((one) => Array.from(one.predict(images).dataSync()));
  return JSON.stringify({ classNames: classNamesOf(loaded), logits });
}
`;

/** What browsers and Node both have; no process, require, Buffer or other global of Node is among them. */
const WEB = [
  'console',
  'crypto',
  'fetch',
  'performance',
  'queueMicrotask',
  'setTimeout',
  'clearTimeout',
  'structuredClone',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'Blob',
  'ReadableStream',
  'TransformStream',
  'WritableStream',
  'ArrayBuffer',
  'DataView',
  'Float32Array',
  'Int32Array',
  'Uint8Array',
  'Uint16Array',
] as const;

test("a page builds, tunes, saves and loads with a browser's globals alone", async () => {
  const { outputFiles } = await bundle({
    stdin: { contents: PAGE, resolveDir: '.', loader: 'ts' },
    format: 'iife',
    globalName: 'program',
  });
  const globals = Object.fromEntries(WEB.map((name) => [name, globalThis[name]]));
  const context = createContext({ ...globals, navigator: { userAgent: 'test' }, document: {} });
  runInContext('globalThis.self = globalThis.window = globalThis', context);
  runInContext(outputFiles![0].text, context);
  const merges = gunzipSync(readFileSync('assets/clip-tokenizer/merges.txt.gz')).toString('utf8');
  Object.assign(context, { merges });
  const report = JSON.parse((await runInContext('program.page(merges)', context)) as string) as {
    classNames: string[];
    logits: [number[], number[]];
  };
  expect(runInContext('typeof process + typeof require + typeof Buffer', context)).toBe('undefined'.repeat(3));
  expect(report.classNames).toEqual(['cat', 'dog']);
  expect(report.logits[0]).toHaveLength(4);
  expect(report.logits[0]).toEqual(report.logits[1]);
});
