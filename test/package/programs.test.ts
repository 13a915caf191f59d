import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILD_TIMEOUT, packedPackage } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, UserProject } from '../helpers/user_project.js';

let project: UserProject;

beforeAll(async () => {
  const tarball = await packedPackage();
  project = new UserProject();
  await project.add(tarball, '@tensorflow/tfjs@4.22.0');
}, BUILD_TIMEOUT + INSTALL_TIMEOUT);

afterAll(() => project.remove());

/** Shows that tensors, layers and backends are common to tfjs and tfjs-maple, by values that must be true. */
const SHARED = `
const layer = maple.layers.deepTextPrompt({ length: 2 });
const found = {
  oneTensor: tf.Tensor === core.Tensor,
  oneLayer: layer instanceof tf.layers.Layer,
  known: tf.serialization.SerializationMap.getMap().classNameMap[layer.getClassName()] !== undefined,
};
async function main() {
  found.backend = (await node.chooseBackend('wasm')).name;
  found.used = tf.getBackend();
  found.sum = (await tf.add(core.tensor1d([1]), tf.tensor1d([2])).array())[0];
  console.log(JSON.stringify(found));
}
main();
`;
const ALL_TRUE = { oneTensor: true, oneLayer: true, known: true, backend: 'wasm', used: 'wasm', sum: 3 };

test('import: one tfjs with `import * as tf from "@tensorflow/tfjs"` beside', async () => {
  const imports = `import * as tf from '@tensorflow/tfjs';\nimport * as core from '@tensorflow/tfjs-core';
import * as maple from 'tfjs-maple';\nimport * as node from 'tfjs-maple/node';\n`;
  project.write({ 'shared.mjs': imports + SHARED });
  expect(await printedBy('shared.mjs')).toEqual(ALL_TRUE);
});

test('require: the same from CommonJS', async () => {
  const requires = `const tf = require('@tensorflow/tfjs');\nconst core = require('@tensorflow/tfjs-core');
const maple = require('tfjs-maple');\nconst node = require('tfjs-maple/node');\n`;
  project.write({ 'shared.cjs': requires + SHARED });
  expect(await printedBy('shared.cjs')).toEqual(ALL_TRUE);
});

const TYPED = `import * as tf from '@tensorflow/tfjs';
import { buildClip, promptDesign, type Backbone } from 'tfjs-maple';
import { deepTextPrompt } from 'tfjs-maple/layers';
import { chooseBackend, loadBackbone, type BackendName } from 'tfjs-maple/node';

export const layer: tf.layers.Layer = deepTextPrompt({ length: 2 });
export async function use(): Promise<BackendName> {
  const backbone: Backbone = await loadBackbone('somewhere');
  const design = promptDesign('maple', backbone.config);
  const model: tf.LayersModel = await buildClip(backbone, { classNames: ['cat'], design });
  model.dispose();
  return (await chooseBackend()).name;
}
`;

describe.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('TypeScript: module %s, moduleResolution %s', (module, moduleResolution) => {
  const check = (file: string, ...options: string[]) => {
    const settings = ['--strict', '--noEmit', '--target', 'es2022', '--module', module];
    const compiler = [process.execPath, resolve('node_modules/typescript/bin/tsc')];
    return project.run([...compiler, ...settings, '--moduleResolution', moduleResolution, ...options, file]);
  };

  test('a program with all three entries checks', async () => {
    project.write({ 'typed.mts': TYPED });
    expect(await check('typed.mts', '--skipLibCheck')).toMatchObject({ code: 0, stdout: '' });
  });

  test('types are there, and are told when they are broken', async () => {
    project.write({ 'wrong.mts': TYPED.replace("['cat']", "'cat'") });
    const { code, stdout } = await check('wrong.mts', '--skipLibCheck');
    expect(stdout).toContain("Type 'string' is not assignable to type 'readonly string[]'");
    expect(code).not.toBe(0);
  });

  test('no declaration of the package is wrong (those of tfjs itself are)', async () => {
    const { stdout } = await check('typed.mts');
    expect(stdout.split('\n').filter((line) => line.includes('tfjs-maple'))).toEqual([]);
  });
});

/** What a page does, without its pictures: layers beside tfjs, on the CPU. */
const PAGE = `import * as tf from '@tensorflow/tfjs';
import { CLIP_IMAGE_STATISTICS, layers, toFloat } from 'tfjs-maple';

async function main() {
  await tf.setBackend('cpu');
  const model = tf.sequential({ layers: [layers.layerNorm({ inputShape: [4] })] });
  const grey = toFloat([{ width: 1, height: 1, data: new Uint8Array([128, 128, 128]) }], CLIP_IMAGE_STATISTICS);
  const normal = model.predict(tf.tensor2d([[1, 2, 3, 4]])).dataSync();
  console.log(JSON.stringify({ pixel: grey.length, mean: Math.abs(normal[0] + normal[3]) < 1e-6, node: typeof process }));
}
main();
`;

/** Runs a page's script with a browser's globals and none of Node's, by which tfjs would take itself to be in Node. */
const BROWSER = `import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
const names = ['console', 'performance', 'setTimeout', 'fetch', 'URL', 'Blob', 'TextDecoder', 'TextEncoder', 'structuredClone',
  'ArrayBuffer', 'DataView', 'Float32Array', 'Int32Array', 'Uint8Array', 'Uint16Array'];
const globals = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
const context = createContext({ ...globals, navigator: { userAgent: 'test' }, document: {} });
runInContext('globalThis.self = globalThis.window = globalThis', context);
runInContext(readFileSync(process.argv[2], 'utf8'), context);
`;

describe('a page', () => {
  const seen = { pixel: 3, mean: true, node: 'undefined' };

  beforeAll(() => project.write({ 'browser.mjs': BROWSER, 'page.js': PAGE }));

  test('that Vite built of the browser entry runs', async () => {
    const output = "{ format: 'iife', entryFileNames: 'page.js' }";
    project.write({
      'vite.config.mjs': `export default { logLevel: 'error', build: { outDir: 'built', modulePreload: false,
        rollupOptions: { input: 'page.js', output: ${output} } } };`,
    });
    await project.mustRun([process.execPath, resolve('node_modules/vite/bin/vite.js'), 'build']);
    expect(await printedBy('browser.mjs', 'built/page.js')).toEqual(seen);
  });

  test('that esbuild bundled of the browser entry runs', async () => {
    const options = ['--bundle', '--format=iife', '--platform=browser', '--outfile=bundle.js', '--log-level=error'];
    await project.mustRun([resolve('node_modules/esbuild/bin/esbuild'), 'page.js', ...options]);
    expect(await printedBy('browser.mjs', 'bundle.js')).toEqual(seen);
  });
});

/** The last line that a program of the project prints, which is JSON. */
async function printedBy(...command: string[]): Promise<unknown> {
  const printed = await project.mustRun([process.execPath, ...command]);
  return JSON.parse(printed.trimEnd().split('\n').at(-1) as string);
}
