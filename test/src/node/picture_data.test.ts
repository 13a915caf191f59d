import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { MapleError } from '../../../layers/errors.js';
import type { Example } from '../../../src/data/dataset.js';
import { readPictureData } from '../../../src/node/picture_data.js';
import { writePictures, writeTruncated } from '../../helpers/picture_files.js';

const folders: string[] = [];
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'picture-data-'));
  folders.push(folder);
});
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

const numbered = (className: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${className}/${index}.png`);
const names = (examples: Example[]): string[] => examples.map(({ name }) => relative(folder, name));

describe('a folder of class folders', () => {
  test('is split class by class, and says what it leaves out', async () => {
    await writePictures(at('photos'), [...numbered('Großer Hund', 10), ...numbered('cat', 5), 'yak/only one.png']);
    await mkdir(at('photos', 'empty'));
    await writeTruncated(at('photos', 'cat', 'torn.jpg'));
    await writeFile(at('photos', 'cat', 'fake.png'), 'no picture');
    await writeFile(at('photos', 'cat', 'notes.txt'), 'no picture');
    const data = await readPictureData(at('photos'));
    expect([data.name, data.classNames]).toEqual(['photos', ['Großer Hund', 'cat', 'yak']]);
    const labels = (examples: Example[]) => [0, 1, 2].map((label) => examples.filter((e) => e.label === label).length);
    expect([data.train, data.validation, data.test].map(labels)).toEqual([
      [8, 4, 1],
      [0, 0, 0],
      [2, 1, 0],
    ]);
    expect(data.skipped.map(({ path }) => relative(at('photos'), path))).toEqual([
      'cat/fake.png',
      'cat/notes.txt',
      'cat/torn.jpg',
      'empty',
      'yak',
    ]);
    expect(data.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('must be a JPEG, PNG'),
      'not named as a picture',
      expect.stringContaining('damaged or truncated'),
      'a class folder without a readable picture',
      'the class has no test picture, since it has one picture only, which is trained on',
    ]);
    expect(data.test[0].path).toBe(data.test[0].name);
    expect((await data.test[0].load()).width).toBe(12);
  });

  test('is split alike wherever it is, by the seed, in the shares asked for', async () => {
    await writePictures(at('one'), [...numbered('cat', 12), ...numbered('dog', 12)]);
    await cp(at('one'), at('two'), { recursive: true });
    const split = { test: 0.25, validation: 0.25 };
    const below = async (name: string, seed: number) => {
      const data = await readPictureData(at(name), { split, seed });
      return [data.train, data.validation, data.test].map((part) => part.map((e) => relative(at(name), e.name)));
    };
    const one = await below('one', 1);
    expect(one.map(({ length }) => length)).toEqual([12, 6, 6]);
    expect(await below('two', 1)).toEqual(one);
    expect(await below('one', 2)).not.toEqual(one);
    const whole = await readPictureData(at('one'), { split: { test: 0 } });
    expect([whole.train.length, whole.test.length, whole.skipped]).toEqual([24, 0, []]);
  });

  test('takes a class called train as a class', async () => {
    await writePictures(at('vehicles'), [...numbered('train', 3), ...numbered('bus', 3)]);
    expect((await readPictureData(at('vehicles'))).classNames).toEqual(['bus', 'train']);
  });

  test.each([
    ['Tabby_Cat', 'tabby cat'],
    ['caf\u00e9', 'CAFE\u0301'],
    ['dog', 'Dog '],
  ])('refuses classes that come to one prompt: %s and %s', async (one, other) => {
    await writePictures(at('alike'), [...numbered(one, 2), ...numbered(other, 2)]);
    await expect(readPictureData(at('alike'))).rejects.toThrow(
      new RegExp(
        `The classes of ${at('alike')} must have names that differ in more than case.*Received: ".*" and ".*"`,
      ),
    );
  });

  test('finds damage beyond the header only when all of a picture is looked at', async () => {
    await writePictures(at('photos'), numbered('cat', 3));
    await writeTruncated(at('photos', 'cat', 'torn.jpg'));
    const { skipped, train } = await readPictureData(at('photos'), { check: 'header', split: { test: 0 } });
    expect([skipped, train.length]).toEqual([[], 4]);
  });

  test('tells how far it is, over all parts', async () => {
    await writePictures(at('photos'), [...numbered('train/cat', 2), ...numbered('test/cat', 1)]);
    const told: number[][] = [];
    await readPictureData(at('photos'), { onProgress: (done, total) => told.push([done, total]) });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });
});

describe('a folder of parts', () => {
  test('unites the classes of its parts and tells which lack pictures', async () => {
    await writePictures(at('data'), [
      ...numbered('train/cat', 3),
      ...numbered('train/dog', 2),
      ...numbered('valid/dog', 1),
      ...numbered('test/cat', 1),
      ...numbered('test/ant', 1),
      'other/x.png',
    ]);
    const data = await readPictureData(at('data'));
    expect(data.classNames).toEqual(['ant', 'cat', 'dog']);
    expect(names(data.train)).toHaveLength(5);
    expect(data.validation.map(({ label, name }) => [label, relative(folder, name)])).toEqual([
      [2, 'data/valid/dog/0.png'],
    ]);
    expect(data.test.map(({ label }) => label)).toEqual([0, 1]);
    expect(data.skipped.map(({ path, reason }) => [relative(at('data'), path), reason])).toEqual([
      ['other', 'not in train, val (valid, validation) or test'],
      ['ant', 'the class has no training picture'],
      ['ant', 'the class has no validation picture'],
      ['cat', 'the class has no validation picture'],
      ['dog', 'the class has no test picture'],
    ]);
  });

  test('holds pictures out of training where there is no test part', async () => {
    await writePictures(at('data'), numbered('train/cat', 10));
    const data = await readPictureData(at('data'), { split: { validation: 0.1 } });
    expect([data.train, data.validation, data.test].map(({ length }) => length)).toEqual([7, 1, 2]);
    const apart = await readPictureData(at('data', 'train'), { split: { validation: 0.1 } });
    expect(names(apart.test)).toEqual(names(data.test));
  });

  test('tests on the validation part where there is no test part, and says so', async () => {
    await writePictures(at('data'), [...numbered('train/cat', 4), ...numbered('val/cat', 2)]);
    const { train, validation, test: tests, skipped } = await readPictureData(at('data'));
    expect([train.length, validation.length, tests.length]).toEqual([4, 0, 2]);
    expect(skipped).toEqual([{ path: at('data'), reason: 'has no test part: its validation pictures are tested on' }]);
  });

  test('refuses a part twice, and classes spelt differently in two parts', async () => {
    await writePictures(at('data'), [...numbered('train/cat', 1), ...numbered('test/Cat', 1)]);
    await expect(readPictureData(at('data'))).rejects.toThrow('Received: "Cat" and "cat".');
    await writePictures(at('data'), [...numbered('val/cat', 1), ...numbered('valid/cat', 1)]);
    await expect(readPictureData(at('data'))).rejects.toThrow(/one folder for each part.*val and .*valid/);
  });
});

describe('a CSV list', () => {
  test('is read with its quotes, empty lines and line ends, and tells of lines by their numbers', async () => {
    await writePictures(at('pets'), ['a/one, two.png', 'a/Köln 1.png', 'b/1.png', 'b/2.png']);
    const lines = [
      '\ufeffPath;Label;Class Name',
      '"a/one, two.png";7;"cat, big"',
      '',
      'a/Köln 1.png;7;cat, big',
      'b/1.png;2;dog',
      'b/2.png;2',
      'b/missing.png;2;dog',
      '"b/2.png";2;"do""g"',
    ];
    await writeFile(at('pets', 'list.csv'), lines.slice(0, -1).join('\r\n'));
    const data = await readPictureData(at('pets', 'list.csv'), { split: { test: 0 } });
    expect([data.name, data.classNames]).toEqual(['list', ['dog', 'cat, big']]);
    expect(data.train.map(({ label, name }) => [label, relative(at('pets'), name)])).toEqual([
      [1, 'a/one, two.png'],
      [1, 'a/Köln 1.png'],
      [0, 'b/1.png'],
    ]);
    expect(data.skipped.map(({ path, reason }) => [relative(at('pets'), path), reason])).toEqual([
      ['list.csv', 'line 6 has 2 fields, the header 3: put a field that holds a delimiter in quotes'],
      ['b/missing.png', 'line 7: no such file'],
    ]);
    await writeFile(at('pets', 'list.csv'), lines.join('\r\n'));
    await expect(readPictureData(at('pets', 'list.csv'))).rejects.toThrow(
      'must call a class by one name. Received for label 2: "dog" in line 5, "do\\"g" in line 8.',
    );
  });

  test('splits by its own column', async () => {
    await writePictures(folder, numbered('a', 5));
    const rows = ['train', 'val', 'TEST', '', 'dev'].map((split, index) => `a/${index}.png\tcat\t${split}`);
    await writeFile(at('list.tsv'), ['filename\tclass\tsplit', ...rows].join('\n'));
    const { train, validation, test: tests, skipped } = await readPictureData(at('list.tsv'));
    expect([train, validation, tests].map(names)).toEqual([['a/0.png'], ['a/1.png'], ['a/2.png']]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      'line 5 must have train, val (valid, validation) or test as its split. Received: nothing',
      'line 6 must have train, val (valid, validation) or test as its split. Received: dev',
    ]);
  });

  test('counts a file once, and not at all where it is in two classes', async () => {
    await writePictures(folder, numbered('a', 3));
    const rows = ['a/0.png,cat', './a/0.png,cat', 'a/1.png,cat', 'a/1.png,dog', 'a/2.png,cat'];
    await writeFile(at('list.csv'), ['image,label', ...rows].join('\n'));
    const { classNames, train, skipped } = await readPictureData(at('list.csv'), { split: { test: 0 } });
    expect([classNames, names(train)]).toEqual([['cat'], ['a/0.png', 'a/2.png']]);
    expect(skipped.map(({ path, reason }) => [relative(folder, path), reason])).toEqual([
      ['a/0.png', 'line 3: listed before in line 2'],
      ['a/1.png', 'listed in two classes, "cat" (line 4) and "dog" (line 5)'],
      ['list.csv, class "dog"', 'a class without a readable picture'],
    ]);
  });

  test.each([
    ['picture,label\na.png,cat', 'one column for the path (path, image, file, filename)'],
    ['path,file,label\na.png,a.png,cat', 'Received: path, file, label.'],
    ['path\na.png', 'and one for the class (label, class_name, classname, class'],
    ['', 'Received: an empty file.'],
    ['path,label\n"a.png,cat', 'with quotes that open at the beginning of a field and close at its end'],
    ['path,label\n', 'Received: no entries.'],
    ['path,label\nnone.png,cat', /nothing that can be used:\n {2}- .*none\.png: line 2: no such file/],
  ])('refuses %j', async (text, message) => {
    await writePictures(folder, ['a.png']);
    await writeFile(at('list.csv'), text);
    const reading = readPictureData(at('list.csv'));
    await expect(reading).rejects.toThrow(MapleError);
    await expect(reading).rejects.toThrow(message);
  });

  test('refuses what is not UTF-8', async () => {
    await writeFile(at('list.csv'), Buffer.from('path,label\nK\xf6ln.png,a', 'latin1'));
    await expect(readPictureData(at('list.csv'))).rejects.toThrow('must be text in UTF-8');
  });
});

describe('a JSON list', () => {
  const entry = (path: string, more: object) => ({ path, ...more });

  test('of entries, and of parts', async () => {
    await writePictures(folder, numbered('a', 5));
    const entries = [
      entry('a/0.png', { label: 'cat' }),
      entry('a/1.png', { class: 'dog', split: 'train' }),
      { image: 'a/2.png' },
      7,
    ];
    await writeFile(at('list.json'), JSON.stringify(entries));
    const one = await readPictureData(at('list.json'), { split: { test: 0 } });
    expect([one.classNames, names(one.train)]).toEqual([['dog'], ['a/1.png']]);
    expect(one.skipped.map(({ reason }) => reason)).toEqual([
      'entry[2] must have a class, a text or whole number, under label or one of class_name, classname, class',
      'entry[3] must be {"path": "cats/1.jpg", "label": "cat"} or ["cats/1.jpg", 0, "cat"]',
      'entry[0]: has no split, but others have',
    ]);
    const parts = {
      train: [entry('a/0.png', { label: 'cat' }), entry('a/1.png', { class: 'dog' })],
      validation: [entry('a/2.png', { label: 'cat' })],
      test: [entry('a/3.png', { label: 'dog' }), entry('a/4.png', { label: 'dog', split: 'train' })],
    };
    await writeFile(at('parts.json'), JSON.stringify(parts));
    const other = await readPictureData(at('parts.json'));
    expect(other.classNames).toEqual(['cat', 'dog']);
    expect([other.train, other.validation, other.test].map(({ length }) => length)).toEqual([2, 1, 1]);
    expect(other.skipped[0].reason).toBe('test[1] must have the part it is listed in, test, as its split');
  });

  test("as CoOp's split files, with the pictures in another folder", async () => {
    await writePictures(at('images'), ['cats/1.png', 'cats/2.png', 'dogs/1.png']);
    const split = {
      train: [
        ['cats/1.png', 0, 'tabby_cat'],
        ['dogs/1.png', 1, 'a dog'],
      ],
      val: [['cats/9.png', 0, 'tabby_cat']],
      test: [
        ['cats/2.png', 0, 'tabby_cat'],
        ['cats/2.png', -1, 'x'],
      ],
    };
    await writeFile(at('split_zhou_Pets.json'), JSON.stringify(split));
    await expect(readPictureData(at('split_zhou_Pets.json'))).rejects.toThrow(
      `Such files are in ${at('images')}: give --image-folder ${at('images')} (\`imageFolder\`).`,
    );
    const data = await readPictureData(at('split_zhou_Pets.json'), { imageFolder: at('images') });
    expect([data.classNames, names(data.train), names(data.test)]).toEqual([
      ['tabby_cat', 'a dog'],
      ['images/cats/1.png', 'images/dogs/1.png'],
      ['images/cats/2.png'],
    ]);
    expect(data.skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('test[1] must be'),
      'val[0]: no such file',
      'the class has no test picture',
    ]);
  });

  test.each([
    ['{"train": [], "train": []}', 'must be JSON with no key twice'],
    ['{"training": [], "train": []}', 'Received for "train": a part twice.'],
    ['{"trains": []}', 'Received for "trains": another name.'],
    ['{"train": 3}', 'Received for "train": no list.'],
    ['"x"', 'must hold a list of entries such as'],
    ['[', 'must be JSON'],
    ['[]', 'Received: no entries.'],
  ])('refuses %s', async (text, message) => {
    await writeFile(at('list.json'), text);
    const reading = readPictureData(at('list.json'));
    await expect(reading).rejects.toThrow(MapleError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('paths of a list', () => {
  const read = async (path: string, allowOutside?: boolean) => {
    await writeFile(
      at('data', 'list.json'),
      JSON.stringify([
        { path, label: 'cat' },
        { path: 'in.png', label: 'cat' },
      ]),
    );
    return readPictureData(at('data', 'list.json'), { allowOutside, split: { test: 0 } });
  };

  beforeEach(async () => {
    await writePictures(folder, ['data/in.png', 'data/sub/a.png', 'secret.png', 'data-2/x.png']);
    await symlink(at('secret.png'), at('data', 'link.png'));
    await symlink(folder, at('data', 'up'));
    await symlink(at('data', 'sub'), at('data', 'inner'));
  });

  test.each([
    ['../secret.png', 'leads out of'],
    ['sub/../../secret.png', 'leads out of'],
    ['../data-2/x.png', 'leads out of'],
    ['/etc/hostname', 'leads out of'],
    ['..', 'leads out of'],
    ['.', 'leads out of'],
    ['C:\\secret.png', 'has a backslash'],
    ['C:/secret.png', 'begins with a drive or the scheme of a URL'],
    ['..\\secret.png', 'has a backslash'],
    ['file:///etc/hostname', 'begins with a drive or the scheme'],
    ['https://example.com/a.png', 'begins with a drive or the scheme'],
    ['in.png\0.txt', 'has a NUL character'],
    ['link.png', 'is a link that leads out of'],
    ['up/secret.png', 'is a link that leads out of'],
  ])('%j is refused', async (path, message) => {
    const reading = read(path);
    await expect(reading).rejects.toThrow(MapleError);
    await expect(reading).rejects.toThrow(`entry[0]: the path ${JSON.stringify(path)} ${message}`);
  });

  test.each(['%2e%2e/secret.png', 'sub/nothing.png'])('%s is a file that is not there', async (path) => {
    const { train, skipped } = await read(path);
    expect([names(train), skipped]).toEqual([
      ['data/in.png'],
      [{ path: at('data', path), reason: 'entry[0]: no such file' }],
    ]);
  });

  test('within the folder, also by a link, and outside where that is allowed', async () => {
    expect(names((await read('inner/a.png')).train)).toEqual(['data/inner/a.png', 'data/in.png']);
    expect(names((await read('sub/../sub/a.png')).train)).toEqual(['data/sub/a.png', 'data/in.png']);
    for (const path of ['../secret.png', at('secret.png')]) {
      expect(names((await read(path, true)).train)).toEqual(['secret.png', 'data/in.png']);
    }
    await rename(at('data'), at('moved'));
    await symlink(at('moved'), at('data'));
    expect(names((await read('sub/a.png')).train)).toEqual(['data/sub/a.png', 'data/in.png']);
  });
});

test('refuses what is neither folder nor list', async () => {
  await writeFile(at('notes.txt'), 'cat');
  await expect(readPictureData(at('notes.txt'))).rejects.toThrow(
    'notes.txt must be a folder of pictures, or a list that ends in .csv, .tsv or .json.',
  );
  await expect(readPictureData(at('nowhere'))).rejects.toThrow(
    /nowhere cannot be read: ENOENT.*Name a folder of class folders, or a list/,
  );
});
