import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MapleError } from '../../../layers/errors.js';
import { studyData as emojiWorld } from '../../../src/study/emoji_study.js';
import { openStudy } from '../../../src/study/study.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'study-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('openStudy: what is wrong with a data module is told as the module’s, before the backbone is looked for', () => {
  const fine = "name: 'mine', datasets: ['pets'], source: 'pets', domains: [], load: async () => undefined";

  test.each([
    ['nothing', 'export const x = 1;', /must export a function `studyData`. Received: x\./],
    [
      'throws',
      "export function studyData() { throw new Error('boom'); }",
      /`studyData` of .*throws.mjs failed: Error: boom/,
    ],
    ['a number', 'export const studyData = () => 3;', /must have `name`, a string. Received: none\./],
    [
      'no data',
      "export const studyData = () => ({ name: 'mine', datasets: [] });",
      /`datasets`, a list .*Received: \[\]\./,
    ],
    ['another source', `export const studyData = () => ({ ${fine}, source: 'cats' });`, /`source`, one of.*"cats"/],
    ['a domain', `export const studyData = () => ({ ${fine}, domains: 'snow' });`, /`domains`, a list .*"snow"/],
    ['no load', `export const studyData = async () => ({ ${fine}, load: 1 });`, /`load`, a function. Received: 1\./],
  ])('%s', async (name, text, message) => {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, text);
    const opened = openStudy(join(folder, 'no backbone'), file);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toBeInstanceOf(MapleError);
  });

  test('a module that is right is followed by its backbone', async () => {
    const file = join(folder, 'fine.mjs');
    await writeFile(file, `export const studyData = () => ({ ${fine} });`);
    await expect(openStudy(join(folder, 'no backbone'), file)).rejects.toThrow(
      /The backbone .*no backbone cannot be read/,
    );
  });
});

test('a folder of data sets without `--data paper` does not run Emoji World unsaid', () => {
  expect(() => emojiWorld({ root: 'data' })).toThrow(/Received: --root data\. Add `--data paper`/);
});
