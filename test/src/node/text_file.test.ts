import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classNamesFor } from '../../../src/cli/class_names.js';
import { readLines } from '../../../src/datasets/text_lines.js';
import { readCsvList } from '../../../src/node/csv_list.js';
import { readJsonList } from '../../../src/node/json_list.js';
import { readJsonObject } from '../../../src/node/json_file.js';
import { decodeText } from '../../../src/node/text_file.js';

const FORMS: Record<string, (text: string) => Buffer> = {
  'UTF-8': (text) => Buffer.from(text, 'utf8'),
  'UTF-8 with its mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf8'),
  'UTF-16, as PowerShell writes it': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16, the other order': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
};
const ENDS: Record<string, string> = { LF: '\n', CRLF: '\r\n', CR: '\r' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maple-text-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
};

describe.each(Object.entries(FORMS))('%s', (form, encode) => {
  test.each(Object.entries(ENDS))('lines that end with %s are read by every reader alike', async (_, end) => {
    const lines = (...texts: string[]): Buffer => encode(texts.join(end) + end);
    expect(decodeText(lines('dog', 'Straße'), form)).toBe('dog\nStraße\n');

    const classesFile = await file('classes.txt', lines('dog', '', 'Straße'));
    expect(await classNamesFor({ classesFile })).toEqual(['dog', 'Straße']);
    expect((await readLines(classesFile, 'to be read')).map(({ text, at }) => [text, at])).toEqual([
      ['dog', `${classesFile}:1`],
      ['Straße', `${classesFile}:3`],
    ]);
    const csv = await readCsvList(await file('list.csv', lines('path,class', '1.png,dog', '2.png,"Straße, nachts"')));
    expect(csv.pictures.map(({ path, className, where }) => [path, className, where])).toEqual([
      ['1.png', 'dog', 'line 2'],
      ['2.png', 'Straße, nachts', 'line 3'],
    ]);
    const json = lines('[{ "path": "1.png",', ' "class": "Straße" }]');
    expect((await readJsonList(await file('list.json', json))).pictures[0].className).toBe('Straße');
    expect(await readJsonObject(await file('object.json', lines('{ "a":', ' "Straße" }')))).toEqual({ a: 'Straße' });
  });
});

test('a header that ends otherwise than the other lines is a line as well', async () => {
  const mixed = await file('mixed.csv', Buffer.from('path,class\r\n1.png,dog\n2.png,cat\r3.png,owl\n'));
  expect((await readCsvList(mixed)).pictures.map(({ className }) => className)).toEqual(['dog', 'cat', 'owl']);
});

test.each([
  ['UTF-16 without its mark', Buffer.from('dog', 'utf16le'), 'zero bytes, as UTF-16 without its mark has them'],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x64, 0, 0, 0]), 'UTF-32'],
  ['Latin-1', Buffer.from([0x53, 0xdf]), 'other bytes'],
  ['half a character of UTF-16', Buffer.from([0xff, 0xfe, 0x64]), 'other bytes'],
])('%s is refused by name', (_, bytes, received) => {
  expect(() => decodeText(bytes, 'classes.txt')).toThrow(
    `classes.txt must be text in UTF-8, or in UTF-16 with its mark. Received: ${received}. Save it again as UTF-8.`,
  );
});
