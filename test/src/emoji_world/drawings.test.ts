import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Drawing } from '../../../src/emoji_world/drawing.js';
import { loadDrawings } from '../../../src/emoji_world/drawings.js';

let cacheFolder: string;
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'drawings-'));
});
afterEach(() => rm(cacheFolder, { recursive: true }));

/** Side of what is drawn, as a share of the drawing's. */
function extent({ size, data }: Drawing): number {
  const covered = Array.from({ length: size * size }, (_, at) => at).filter((at) => data[at * 4 + 3] > 24);
  const columns = covered.map((at) => at % size);
  const rows = covered.map((at) => Math.floor(at / size));
  const span = (values: number[]): number => Math.max(...values) - Math.min(...values) + 1;
  return Math.max(span(columns), span(rows)) / size;
}

describe('loadDrawings', () => {
  test('renders a group, keeps it, and reads the same back', async () => {
    const counts: number[] = [];
    const onProgress = (done: number, total: number): void => {
      counts.push(done / total);
    };
    const first = await loadDrawings('noto', { group: 'flags', size: 32, cacheFolder, onProgress });
    expect(first.size).toBe(8);
    expect(counts).toHaveLength(8);
    expect((await readdir(cacheFolder)).map((name) => name.split('.').pop()).sort()).toEqual(['bin', 'json']);
    counts.length = 0;
    const again = await loadDrawings('noto', { group: 'flags', size: 32, cacheFolder, onProgress });
    expect(counts).toEqual([1]);
    expect([...again.keys()]).toEqual([...first.keys()]);
    for (const [id, { data }] of again) {
      expect(Buffer.compare(data, (first.get(id) as Drawing).data)).toBe(0);
    }
  });

  test('renders again when the cache is damaged or cannot be written', async () => {
    const options = { group: 'flags', size: 32, cacheFolder } as const;
    const first = await loadDrawings('noto', options);
    const binary = (await readdir(cacheFolder)).find((name) => name.endsWith('.bin')) as string;
    await truncate(join(cacheFolder, binary), 100);
    expect(await loadDrawings('noto', options)).toEqual(first);
    const blocked = join(cacheFolder, binary, 'below-a-file');
    expect(await loadDrawings('noto', { ...options, cacheFolder: blocked })).toEqual(first);
  });

  test.each(['noto', 'openmoji', 'emojione-monotone'])('%s fills its box, in premultiplied colour', async (style) => {
    const drawings = [...(await loadDrawings(style, { group: 'food', size: 32, cacheFolder })).values()];
    expect(drawings.length).toBeGreaterThan(80);
    const extents = drawings.map(extent);
    expect(Math.min(...extents)).toBeGreaterThan(0.85);
    expect(Math.max(...extents)).toBeLessThanOrEqual(1);
    for (const { data } of drawings) {
      for (let at = 0; at < data.length; at += 4) {
        if (Math.max(data[at], data[at + 1], data[at + 2]) > data[at + 3] + 1) {
          throw new Error(`colour above alpha at ${at}`);
        }
      }
    }
  });

  test('names the styles there are', async () => {
    await expect(loadDrawings('clowntown')).rejects.toThrow('Received: "clowntown".');
  });
});
