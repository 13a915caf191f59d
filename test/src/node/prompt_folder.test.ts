import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { classNamesOf } from '../../../src/backbone/model_metadata.js';
import { largestDifference } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { somePictures, tunedClip } from '../../helpers/tuned_clip.js';

/** Set by a test: the write of a file whose name matches stops half way with this error, as on a full disk. */
let failure: { name: RegExp; code: string } | undefined;
/** Set by a test: no file whose name matches is renamed into its place. */
let unmovable: RegExp | undefined;

const promises = await import('node:fs/promises');
jest.unstable_mockModule('node:fs/promises', () => ({
  ...promises,
  rename: async (...[from, to]: Parameters<typeof promises.rename>) => {
    if (unmovable?.test(String(to))) {
      throw Object.assign(new Error('EIO: i/o error, rename'), { code: 'EIO' });
    }
    return promises.rename(from, to);
  },
  open: async (...args: Parameters<typeof promises.open>) => {
    const file = await promises.open(...args);
    if (args[1] !== 'r' && failure?.name.test(String(args[0]))) {
      const { code } = failure;
      file.writeFile = async (data) => {
        await file.write((data as Uint8Array).subarray(0, 10));
        throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
      };
    }
    return file;
  },
}));
const { applyPrompts, loadPrompts, savePrompts } = await import('../../../src/node/prompt_folder.js');

const FILES = ['adapter_config.json', 'adapter_model.safetensors'];
let backbone: Backbone;
let model: LayersModel;
let other: LayersModel;
let folder: string;

beforeAll(async () => {
  await tf.setBackend('cpu');
  backbone = await tinyBackbone();
  model = await tunedClip(backbone, 'maple', { classNames: ['cat', 'American Bulldog'] });
  other = await tunedClip(backbone, 'maple', { classNames: ['fox', 'owl', 'bird'], seed: 9 });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maple-prompts-'));
});
afterEach(async () => {
  failure = undefined;
  unmovable = undefined;
  await rm(folder, { recursive: true });
});

function logits(of: LayersModel): tf.Tensor {
  return of.predict(somePictures(backbone, 4)) as tf.Tensor;
}

async function contents(): Promise<Buffer[]> {
  expect((await readdir(folder)).sort()).toEqual(FILES);
  return Promise.all(FILES.map((name) => readFile(join(folder, name))));
}

describe('savePrompts then loadPrompts', () => {
  test('writes exactly the two files, into parents that did not exist, and gives the same logits', async () => {
    const target = join(folder, 'a', 'b');
    await savePrompts(model, target);
    expect((await readdir(target)).sort()).toEqual(FILES);
    const loaded = await loadPrompts(target, backbone);
    expect(largestDifference(logits(loaded), logits(model))).toBe(0);
    expect(classNamesOf(loaded)).toEqual(['cat', 'American Bulldog']);
    expect(classNamesOf(await loadPrompts(target, backbone, { classNames: ['dog'] }))).toEqual(['dog']);
  });

  test('replaces older prompts and leaves other files', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await savePrompts(other, folder);
    await savePrompts(model, folder);
    expect((await readdir(folder)).sort()).toEqual([...FILES, 'notes.txt']);
    expect(largestDifference(logits(await loadPrompts(folder, backbone)), logits(model))).toBe(0);
  });

  test('applyPrompts sets the values in a model that exists', async () => {
    await savePrompts(model, folder);
    const target = await tunedClip(backbone, 'maple', { classNames: ['cat', 'American Bulldog'], seed: 4 });
    expect(largestDifference(logits(target), logits(model))).toBeGreaterThan(1e-3);
    await applyPrompts(target, folder);
    expect(largestDifference(logits(target), logits(model))).toBe(0);
  });
});

describe('what was there stays', () => {
  test.each([
    ['the weights', 'adapter_model', 'ENOSPC', 'the disk is full (ENOSPC). Free some space'],
    ['the config', 'adapter_config', 'EDQUOT', 'the disk is full (EDQUOT)'],
    ['the config', 'adapter_config', 'EACCES', 'the folder is not writable (EACCES)'],
  ])('when %s cannot be written: %s %s', async (_, name, code, message) => {
    await savePrompts(other, folder);
    const before = await contents();
    failure = { name: new RegExp(name), code };
    await expect(savePrompts(model, folder)).rejects.toThrow(message);
    failure = undefined;
    expect(await contents()).toEqual(before);
    expect(largestDifference(logits(await loadPrompts(folder, backbone)), logits(other))).toBe(0);
  });

  test.each(FILES)('when %s cannot be moved into its place', async (name) => {
    await savePrompts(other, folder);
    const before = await contents();
    unmovable = new RegExp(name);
    await expect(savePrompts(model, folder)).rejects.toThrow(
      /EIO: i.o error, rename. What was there before is unchanged/,
    );
    expect(await contents()).toEqual(before);
    await expect(savePrompts(model, join(folder, 'new'))).rejects.toThrow(/EIO/);
    expect((await readdir(folder)).sort()).toEqual(FILES);
  });

  test('when a new folder cannot be filled there is none', async () => {
    failure = { name: /adapter_config/, code: 'ENOSPC' };
    await expect(savePrompts(model, join(folder, 'a', 'b'))).rejects.toThrow(/a[\\/]b cannot be written/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('when the folder is a file, or below one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    for (const target of [file, join(file, 'below')]) {
      await expect(savePrompts(model, target)).rejects.toThrow(/is a file, not a folder .*Choose another path/);
    }
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['file']);
  });

  test('when one of the files is a folder', async () => {
    await savePrompts(other, folder);
    await rm(join(folder, FILES[0]));
    await mkdir(join(folder, FILES[0]));
    const weights = await readFile(join(folder, FILES[1]));
    await expect(savePrompts(model, folder)).rejects.toThrow(/adapter_config.json is a folder/);
    expect(await readFile(join(folder, FILES[1]))).toEqual(weights);
    expect((await readdir(folder)).sort()).toEqual(FILES);
  });
});

describe('a bad folder', () => {
  test('without one of the files, or none at all, is told by its path', async () => {
    await expect(loadPrompts(join(folder, 'none'), backbone)).rejects.toThrow(
      /none.adapter_config.json cannot be read/,
    );
    await savePrompts(model, folder);
    await rm(join(folder, FILES[1]));
    await expect(loadPrompts(folder, backbone)).rejects.toThrow(/adapter_model.safetensors cannot be read: ENOENT/);
  });

  test('with a cut weight file, or the config of other prompts, is refused with the paths', async () => {
    await savePrompts(other, folder);
    const config = await readFile(join(folder, FILES[0]));
    await savePrompts(model, folder);
    await writeFile(join(folder, FILES[0]), config);
    const mixed = loadPrompts(folder, backbone);
    await expect(mixed).rejects.toThrow(`${join(folder, FILES[1])} is not the file that ${join(folder, FILES[0])} was`);
    await truncate(join(folder, FILES[1]), 300);
    await expect(loadPrompts(folder, backbone)).rejects.toThrow(/adapter_model.safetensors is not a valid safetensors/);
  });

  test('with a config of many megabytes is refused unread', async () => {
    await savePrompts(model, folder);
    await truncate(join(folder, FILES[0]), 2 ** 30);
    await expect(loadPrompts(folder, backbone)).rejects.toThrow(
      /must have at most 16777216 bytes. Received: 1073741824/,
    );
  });
});
