import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readRecords } from '../../../src/report/read_records.js';
import { inventedFewShot, inventedGallery, inventedRecord, inventedTransfer } from '../../helpers/records.js';

const maple = inventedRecord({ method: 'maple', base: 0.7, new: 0.6, losses: [1] });
const zeroShot = inventedRecord({ method: 'zeroShot', base: 0.6, new: 0.6 });

describe('readRecords', () => {
  let folder: string;
  const write = async (name: string, value: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maple-records-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('reads records of every protocol from folders, their folders, files and lists', async () => {
    await mkdir(join(folder, 'more', 'still'), { recursive: true });
    await write('a.json', [maple, zeroShot]);
    await write('more/still/b.json', inventedTransfer({ method: 'maple', source: 0.5, datasets: { a: 0.5 } }));
    await write('more/c.json', inventedFewShot({ method: 'maple', shots: 4, accuracy: 0.5 }));
    await write('more/notes.txt', 'no record');
    await write('more/model.json', { layers: [] });
    const own = await write('d.json', inventedGallery({ method: 'maple', gap: 1 }));
    const { records, skipped } = await readRecords([folder, own]);
    expect(records.map(({ protocol }) => protocol)).toEqual([
      'base-to-new',
      'base-to-new',
      'gallery',
      'few-shot',
      'transfer',
    ]);
    expect(skipped).toEqual([
      { path: join(folder, 'more', 'model.json'), reason: 'no experiment record: it has no `protocol`' },
    ]);
  });

  test('names every file that cannot be used, and why', async () => {
    await write('1.json', JSON.stringify(maple).slice(0, 500));
    await write('2.json', { ...maple, format: 2 });
    await write('3.json', { ...maple, method: 'magic' });
    await write('4.json', { ...maple, base: { ...maple.base, labels: undefined, confusion: [[1]] } });
    await write('5.json', { ...maple, new: { ...maple.new, said: [0] } });
    await write('6.json', '');
    await write('7.json', [zeroShot, { ...zeroShot, seed: 1.5 }]);
    const error = await readRecords([folder]).catch((reason: Error) => reason);
    const lines = (error as Error).message.split('\n  ');
    expect(lines[0]).toBe('These records cannot be used:');
    expect(lines.slice(1).map((line) => line.slice(folder.length + 1))).toEqual([
      expect.stringMatching(
        /^1\.json: it is not JSON, or cut short \(.*\)\. Remove it and run the experiment again\.$/,
      ),
      '2.json: `format` must be 1. Received: 2. Only format 1 is known: update tfjs-maple, or run the experiment again.',
      expect.stringMatching(/^3\.json: `method` must be one of zeroShot, .*, maple\. Received: "magic"\.$/),
      '4.json: `base.labels` is missing: the record is of an earlier version of tfjs-maple. Run the experiment again.',
      '5.json: `new.said` must be a list of 600. Received: 1.',
      '6.json: it is not JSON, or cut short (it is empty). Remove it and run the experiment again.',
      '7.json (record 2): `seed` must be an integer. Received: 1.5.',
    ]);
  });

  test.each([
    ['a text', 'a text', 'the record must be an object. Received: "a text".'],
    ['a list in a list', [[maple]], 'the record must be an object. Received: [{"format":1'],
    ['another JSON', { layers: [] }, '`format` must be 1. Received: nothing.'],
    [
      'no such class',
      { ...maple, base: { ...maple.base, labels: maple.base.labels.map(() => 2) } },
      '`base.labels` must be class indices from 0 to 1. Received: 2.',
    ],
    [
      'accuracy in percent',
      { ...maple, base: { ...maple.base, accuracy: 70 } },
      '`base.accuracy` must be a share from 0 to 1. Received: 70.',
    ],
    [
      'markup for a loss',
      { ...maple, history: [{ loss: '<b>' }] },
      '`history[0].loss` must be a number. Received: "<b>".',
    ],
  ])('a file that is named must be a record: %s', async (_, value, message) => {
    const path = await write('record.json', JSON.stringify(value));
    await expect(readRecords([path])).rejects.toThrow(`${path}: ${message}`);
  });

  test('a thumbnail cannot make the report fetch anything', async () => {
    const gallery = inventedGallery({ method: 'maple', gap: 1 });
    gallery.base.thumbnails[0] = 'https://example.org/pixel.png';
    const path = await write('record.json', gallery);
    await expect(readRecords([path])).rejects.toThrow(
      '`base.thumbnails.0` must be a PNG, JPEG or WebP as a data URI. Received: "https://example.org/pixel.png".',
    );
  });

  test('a run in two files with other figures is refused with both named', async () => {
    const better = inventedRecord({ method: 'maple', base: 0.8, new: 0.6, losses: [1] });
    const [one, other] = [await write('a.json', maple), await write('b.json', better)];
    await expect(readRecords([folder])).rejects.toThrow(
      `${other}: the run of maple on noto food with seed 1 is in ${one} too, with other figures. Give one of them.`,
    );
    expect((await readRecords([one, one])).records).toHaveLength(1);
  });

  test('a run that was copied, or run again with the same figures, is taken once', async () => {
    await write('a.json', [maple, inventedTransfer({ method: 'maple', source: 0.5, datasets: { a: 0.5 } })]);
    await write('b.json', { ...maple, finished: '2027-01-01T00:00:00.000Z', trainSeconds: 9 });
    await write('c.json', inventedTransfer({ method: 'maple', source: 0.5, datasets: { a: 0.5 } }));
    const { records } = await readRecords([folder]);
    expect(records.map(({ protocol }) => protocol)).toEqual(['base-to-new', 'transfer']);
  });

  test('a path that does not exist', async () => {
    await expect(readRecords([join(folder, 'none')])).rejects.toThrow('which does not exist');
  });
});
