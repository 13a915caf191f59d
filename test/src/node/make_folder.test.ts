import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fileHandler } from '../../../src/node/file_handler.js';
import { writeFilesTogether } from '../../../src/node/atomic_files.js';
import { makeFolder } from '../../../src/node/make_folder.js';

describe('makeFolder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maple-folder-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('creates what is missing and tells the first', async () => {
    expect(await makeFolder(join(folder, 'a', 'b', 'c'))).toBe(join(folder, 'a'));
    expect((await stat(join(folder, 'a', 'b', 'c'))).isDirectory()).toBe(true);
    expect(await makeFolder(join(folder, 'a', 'b', 'c'))).toBeUndefined();
  });

  test('may be asked twice at once', async () => {
    const both = [makeFolder(join(folder, 'a', 'b')), makeFolder(join(folder, 'a', 'b'))];
    await expect(Promise.all(both)).resolves.toHaveLength(2);
  });

  test('fails where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  // Node's recursive mkdir loops for ever here.
  (existsSync('/proc/self') ? test : test.skip)('fails in /proc, and so does saving there', async () => {
    await expect(makeFolder('/proc/maple/model')).rejects.toMatchObject({ code: 'ENOENT' });
    const file = { name: 'a', chunks: [new Uint8Array(1)] };
    await expect(writeFilesTogether('/proc/maple', [file])).rejects.toThrow(/\/proc\/maple cannot be written/);
    const save = fileHandler('/proc/maple').save as NonNullable<ReturnType<typeof fileHandler>['save']>;
    await expect(save({ modelTopology: {} })).rejects.toThrow(/Cannot save the model to \/proc\/maple/);
    // Which is there, and takes no file: told without one, too, before work is done for it.
    await expect(writeFilesTogether('/proc/1', [])).rejects.toThrow(/^\/proc\/1 cannot be written: the folder is not/);
  });
});
