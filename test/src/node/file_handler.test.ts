import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';

import { MapleError } from '../../../layers/errors.js';

/** Set by a test: the write of a file whose name matches stops half way with this error, as on a full disk. */
let failure: { name: RegExp; code: string } | undefined;

// Only `npm run native` fetches tfjs-node, as in test/golden.
const onTfjsNode =
  process.env.MAPLE_REQUIRE_NATIVE || existsSync('node_modules/@tensorflow/tfjs-node-gpu') ? test : test.skip;

const promises = await import('node:fs/promises');
jest.unstable_mockModule('node:fs/promises', () => ({
  ...promises,
  open: async (...args: Parameters<typeof promises.open>) => {
    const file = await promises.open(...args);
    if (failure?.name.test(String(args[0]))) {
      const { code } = failure;
      file.writeFile = async (data) => {
        await file.write((data as Buffer).subarray(0, 10));
        throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
      };
    }
    return file;
  },
}));
const { fileHandler, registerFileHandler } = await import('../../../src/node/file_handler.js');

let folder: string;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'maple-model-'));
});
afterEach(async () => {
  failure = undefined;
  await rm(folder, { recursive: true });
});

function smallModel(seed: number): tfl.LayersModel {
  const kernelInitializer = tfl.initializers.randomNormal({ seed });
  const model = tfl.sequential();
  model.add(tfl.layers.dense({ units: 3, inputShape: [4], name: 'first', kernelInitializer }));
  model.add(tfl.layers.dense({ units: 2, name: 'second', kernelInitializer }));
  return model;
}

function valuesOf(model: tfl.LayersModel): number[][] {
  return model.getWeights().map((weight) => Array.from(weight.dataSync()));
}

async function save(model: tfl.LayersModel, to = folder): Promise<void> {
  await model.save(fileHandler(to));
}

async function load(from = folder): Promise<tfl.LayersModel> {
  return tfl.loadLayersModel(fileHandler(from));
}

async function modelJson(): Promise<tf.io.ModelJSON> {
  return JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')) as tf.io.ModelJSON;
}

describe('saving and loading', () => {
  test('a model comes back exactly, with its metadata, into parents that did not exist', async () => {
    const model = smallModel(1);
    model.setUserDefinedMetadata({ classNames: ['American Bulldog', 'Café'] });
    const target = path.join(folder, 'a', 'b');
    await save(model, `file://${target}`);
    for (const from of [`file://${target}`, `file://${target}/model.json`, path.relative('.', target)]) {
      const back = await load(from);
      expect(valuesOf(back)).toEqual(valuesOf(model));
      expect(back.getUserDefinedMetadata()).toEqual({ classNames: ['American Bulldog', 'Café'] });
    }
    expect((await readdir(target)).sort()).toEqual([
      'model.json',
      expect.stringMatching(/^weights-[0-9a-f]{16}\.bin$/),
    ]);
  });

  test('every field of the artifacts is kept, string and quantised weights too', async () => {
    const { data, specs } = await tf.io.encodeWeights({
      words: tf.tensor1d(['a', 'é', ''], 'string'),
      flags: tf.tensor1d([true, false], 'bool'),
      numbers: tf.tensor2d([[1, 2]], [1, 2], 'int32'),
    });
    const quantised = { name: 'q', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } };
    const artifacts: tf.io.ModelArtifacts = {
      modelTopology: { node: [] },
      format: 'graph-model',
      generatedBy: 'test',
      convertedBy: null,
      signature: { inputs: {} },
      trainingConfig: { optimizer_config: {}, loss: 'meanSquaredError' },
      userDefinedMetadata: { note: 'x' },
      modelInitializer: { node: [1] },
      weightSpecs: [...specs, quantised as tf.io.WeightsManifestEntry],
      weightData: [data, new Uint8Array([7, 8, 9]).buffer],
    };
    const result = await fileHandler(folder).save!(artifacts);
    expect(result.modelArtifactsInfo.weightDataBytes).toBe(data.byteLength + 3);
    const back = await fileHandler(folder).load!();
    expect({ ...back, weightData: undefined }).toEqual({ ...artifacts, weightData: undefined });
    const tensors = tf.io.decodeWeights(back.weightData!, back.weightSpecs!);
    expect(Array.from(await tensors.words.data<'string'>())).toEqual(['a', 'é', '']);
    expect(Array.from(tensors.q.dataSync())).toEqual([7, 8, 9]);
  });

  test('the file:// routers serve model.save and loadLayersModel, registered twice or not', async () => {
    registerFileHandler();
    registerFileHandler();
    const model = smallModel(2);
    await model.save(`file://${folder}`);
    expect(valuesOf(await tfl.loadLayersModel(`file://${folder}/model.json`))).toEqual(valuesOf(model));
  });

  test("tfjs-node's own handler, registered later, hands its work to this one", async () => {
    registerFileHandler();
    class NodeFileSystem {
      path: string | string[];
      constructor(url: string) {
        this.path = path.resolve(url.slice('file://'.length));
      }
      save(): Promise<tf.io.SaveResult> {
        throw new Error('the original save');
      }
      load(): Promise<tf.io.ModelArtifacts> {
        throw new Error('the original load');
      }
    }
    let installed = true;
    const router = (url: string | string[]): tf.io.IOHandler =>
      (installed && String(url).startsWith('file://') ? new NodeFileSystem(String(url)) : null) as tf.io.IOHandler;
    tf.io.registerSaveRouter(router);
    tf.io.registerLoadRouter(router);
    const model = smallModel(3);
    await model.save(`file://${folder}/deep/er`);
    expect(valuesOf(await tfl.loadLayersModel(`file://${folder}/deep/er`))).toEqual(valuesOf(model));
    const binary = new NodeFileSystem('file://x');
    binary.path = ['graph.pb', 'weights.json'];
    expect(() => binary.load()).toThrow('the original load');
    installed = false;
  });

  onTfjsNode('the folder is the standard layout, which tfjs-node reads by itself', async () => {
    const model = smallModel(4);
    await save(model);
    const require = createRequire(import.meta.url);
    const source = require.resolve('@tensorflow/tfjs-node-gpu/dist/io/file_system.js');
    const { fileSystem } = require(source) as { fileSystem(path: string): tf.io.IOHandler };
    const back = await tfl.loadLayersModel(fileSystem(path.join(folder, 'model.json')));
    expect(valuesOf(back)).toEqual(valuesOf(model));
  });
});

describe('replacing a model', () => {
  test('the new model takes the place of the old, foreign files stay', async () => {
    await save(smallModel(1));
    await writeFile(path.join(folder, 'notes.bin'), 'mine');
    await writeFile(path.join(folder, 'weights-0123456789abcdef.bin'), 'of another model.json');
    const model = smallModel(2);
    await save(model);
    expect(valuesOf(await load())).toEqual(valuesOf(model));
    const names = await readdir(folder);
    expect(names).toHaveLength(4);
    expect(names).toEqual(expect.arrayContaining(['model.json', 'notes.bin', 'weights-0123456789abcdef.bin']));
  });

  test.each([
    ['the weights', /weights-/, 'ENOSPC', 'the disk is full'],
    ['model.json', /model\.json/, 'ENOSPC', 'the disk is full'],
    ['the weights', /weights-/, 'EROFS', 'the folder is not writable'],
    ['model.json', /model\.json/, 'EDQUOT', 'the disk is full'],
  ])('a failure while writing %s (%s, %s) keeps the old model and leaves no litter', async (_, name, code, message) => {
    const old = smallModel(1);
    await save(old);
    const before = (await readdir(folder)).sort();
    failure = { name, code };
    const attempt = save(smallModel(2));
    await expect(attempt).rejects.toThrow(MapleError);
    await expect(attempt).rejects.toThrow(`Cannot save the model to ${folder}: ${message}`);
    failure = undefined;
    expect((await readdir(folder)).sort()).toEqual(before);
    expect(valuesOf(await load())).toEqual(valuesOf(old));
  });

  test('saving the same weights again on a full disk does not remove them', async () => {
    const model = smallModel(1);
    await save(model);
    failure = { name: /model\.json/, code: 'ENOSPC' };
    await expect(save(model)).rejects.toThrow('the disk is full');
    expect(valuesOf(await load())).toEqual(valuesOf(model));
  });

  test('a failure in a new folder leaves no empty folders', async () => {
    failure = { name: /weights-/, code: 'ENOSPC' };
    await expect(save(smallModel(1), path.join(folder, 'x', 'y'))).rejects.toThrow('the disk is full');
    expect(await readdir(folder)).toEqual([]);
  });

  test('a path through a file is refused, and the file is unchanged', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'mine');
    await expect(save(smallModel(1), path.join(file, 'model'))).rejects.toThrow('a part of this path is a file');
    await expect(save(smallModel(1), file)).rejects.toThrow('a part of this path is a file');
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});

describe('a model.json from a stranger', () => {
  async function edited(edit: (json: tf.io.ModelJSON) => void): Promise<void> {
    await save(smallModel(1));
    const json = await modelJson();
    edit(json);
    await writeFile(path.join(folder, 'model.json'), JSON.stringify(json));
  }

  async function rejects(message: string | RegExp): Promise<void> {
    const attempt = load();
    await expect(attempt).rejects.toThrow(MapleError);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(path.join(folder, 'model.json'));
  }

  test.each([
    ['../secret.bin', 'which leaves the folder'],
    ['sub/../../secret.bin', 'which leaves the folder'],
    ['/etc/hostname', 'an absolute path'],
    ['..\\secret.bin', 'a backslash'],
    ['C:\\secret.bin', 'a URL or drive'],
    ['C:secret.bin', 'a URL or drive'],
    ['file:///etc/hostname', 'a URL or drive'],
    ['https://example.org/w.bin', 'a URL or drive'],
    ['weights.bin\0.txt', 'which is no file name'],
    ['', 'which is no file name'],
    ['%2e%2e/secret.bin', 'an encoded dot'],
    ['..%2Fsecret.bin', 'an encoded dot'],
    ['link.bin', 'a link that leaves the folder'],
    ['linked/secret.bin', 'a link that leaves the folder'],
    ['.', 'a link that leaves the folder'],
    ['folder', 'which is not a file'],
    ['missing.bin', 'which does not exist'],
  ])('weights at %j are refused', async (name, message) => {
    const outside = await mkdtemp(path.join(os.tmpdir(), 'maple-outside-'));
    try {
      await writeFile(path.join(outside, 'secret.bin'), 'secret');
      await symlink(path.join(outside, 'secret.bin'), path.join(folder, 'link.bin'));
      await symlink(outside, path.join(folder, 'linked'));
      await mkdir(path.join(folder, 'folder'));
      await edited((json) => (json.weightsManifest[0].paths = [name]));
      await rejects(message);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  test('a link to a file inside the folder, and shards in a folder below, are read', async () => {
    const model = smallModel(1);
    await save(model);
    const json = await modelJson();
    const bytes = await readFile(path.join(folder, json.weightsManifest[0].paths[0]));
    await mkdir(path.join(folder, 'shards'));
    await writeFile(path.join(folder, 'shards', 'a.bin'), bytes.subarray(0, 13));
    await writeFile(path.join(folder, 'b.bin'), bytes.subarray(13));
    await symlink('b.bin', path.join(folder, 'c.bin'));
    json.weightsManifest[0].paths = ['shards/a.bin', 'c.bin'];
    await writeFile(path.join(folder, 'model.json'), JSON.stringify(json));
    expect(valuesOf(await load())).toEqual(valuesOf(model));
  });

  test.each([
    ['one byte too few', -1, 'must hold 92 bytes, as the shapes of its weights tell. Received: 91 bytes'],
    ['four bytes too many', 4, 'must hold 92 bytes, as the shapes of its weights tell. Received: 96 bytes'],
    ['nothing', -92, 'Received: 0 bytes'],
  ])('a weight file with %s is refused', async (_, change, message) => {
    await edited((json) => (json.weightsManifest[0].paths = ['w.bin']));
    await writeFile(path.join(folder, 'w.bin'), new Uint8Array(92 + change));
    await rejects(message);
  });

  test('a weight file whose content changed is refused', async () => {
    await save(smallModel(1));
    const file = path.join(folder, (await modelJson()).weightsManifest[0].paths[0]);
    const bytes = await readFile(file);
    bytes[5] ^= 1;
    await writeFile(file, bytes);
    await expect(load()).rejects.toThrow(`${file} is damaged`);
  });

  test.each([
    ['a duplicate name', { 1: { name: 'first/kernel' } }, 'weights[1].name "first/kernel" is there twice'],
    ['the name __proto__', { 0: { name: '__proto__' } }, 'weights[0].name must be the name of a weight'],
    ['no name', { 0: { name: 3 } }, 'weights[0].name must be the name of a weight. Received: 3.'],
    ['a negative size', { 0: { shape: [-4, 3] } }, 'shape of "first/kernel" must be an array of non-negative integers'],
    ['a fraction', { 0: { shape: [4, 0.5] } }, 'must be an array of non-negative integers'],
    ['an overflowing shape', { 0: { shape: [2 ** 40, 2 ** 40] } }, 'of a size that fits in memory'],
    ['an unknown type', { 0: { dtype: 'float64' } }, 'dtype of "first/kernel" must be float32, int32'],
    ['the type "constructor"', { 0: { dtype: 'constructor' } }, 'dtype of "first/kernel" must be float32, int32'],
    ['an unknown quantisation', { 0: { quantization: { dtype: 'int4' } } }, 'quantization.dtype of "first/kernel"'],
    ['strings beyond number', { 3: { dtype: 'string', shape: [1e9] } }, 'end within the weight "second/bias"'],
    ['strings that are none', { 3: { dtype: 'string', shape: [1] } }, 'must hold'],
  ])('%s in the manifest is refused', async (_, changes: Record<number, object>, message) => {
    await edited((json) => {
      for (const [i, change] of Object.entries(changes))
        Object.assign(json.weightsManifest[0].weights[Number(i)], change);
    });
    await rejects(message);
  });

  test.each([
    ['nothing there', undefined, 'it does not exist'],
    ['no JSON', '{"a', 'is not JSON'],
    ['a list', '[]', 'must hold a JSON object'],
    ['a manifest that is no list', '{"weightsManifest": {}}', 'weightsManifest must be an array'],
    ['a group without paths', '{"weightsManifest": [{}]}', 'weightsManifest[0].paths must be an array of file names'],
    ['a null group', '{"weightsManifest": [null]}', 'weightsManifest[0].paths must be an array'],
    ['no weights', '{"weightsManifest": [{"paths": []}]}', 'weightsManifest[0].weights must be an array'],
  ])('%s is refused', async (_, text, message) => {
    if (text !== undefined) await writeFile(path.join(folder, 'model.json'), text);
    await rejects(message);
  });
});
