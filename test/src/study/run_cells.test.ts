import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MapleError } from '../../../layers/errors.js';
import type { ExperimentRecord } from '../../../src/evaluation/record.js';
import { planRun } from '../../../src/evaluation/tuned_run.js';
import { baseToNewCells, transferCells } from '../../../src/study/cells.js';
import type { StudyCell } from '../../../src/study/cell.js';
import { paperRecipeOf } from '../../../src/study/paper_recipes.js';
import { runCells, type RunCellsArgs } from '../../../src/study/run_cells.js';
import { inventedRecord } from '../../helpers/records.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const data = { datasets: ['a', 'b', 'c'], source: 'a', domains: [] };
const cells = baseToNewCells({ data, methods: ['coop'], seeds: [1], recipeOf: paperRecipeOf });
const config = tinyConfig();
let args: RunCellsArgs;
let ran: string[];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cells-'));
  ran = [];
  args = { cells, folder, backbone: { config, identity: 'x' }, run };
});
afterEach(() => rm(args.folder, { recursive: true }));

async function run(cell: StudyCell): Promise<ExperimentRecord> {
  ran.push(cell.id);
  const record = inventedRecord({ method: cell.method, base: 0.5, new: 0.5, seed: cell.seed, dataset: cell.dataset });
  return { ...record, ...planRun(cell, config), backbone: { name: 'x', identity: 'x' } };
}

describe('runCells', () => {
  test('runs what has no record, and gives all in order', async () => {
    const first = await runCells({ ...args, cells: cells.slice(1, 2) });
    const found: number[] = [];
    const all = await runCells({ ...args, jobs: 2, onStart: (records) => found.push(records.size) });
    expect(found).toEqual([1]);
    expect(ran).toEqual([cells[1].id, cells[0].id, cells[2].id]);
    expect(all.map(({ dataset }) => dataset)).toEqual(['a', 'b', 'c']);
    expect(all[1]).toEqual(first[0]);
    expect(await readdir(args.folder)).toEqual(cells.map(({ id }) => `${id}.json`));
  });

  test('goes on when a cell fails, and ends with its error', async () => {
    const failing = async (cell: StudyCell) => {
      if (cell.dataset === 'b') {
        throw new MapleError('The loss is no number.');
      }
      return run(cell);
    };
    await expect(runCells({ ...args, run: failing })).rejects.toThrow('The loss is no number.');
    expect(ran).toEqual([cells[0].id, cells[2].id]);
  });

  test('does not go on when the first fails', async () => {
    let calls = 0;
    const failing = async (): Promise<ExperimentRecord> => {
      calls++;
      throw new MapleError('No backend can be used.');
    };
    await expect(runCells({ ...args, run: failing })).rejects.toThrow('No backend can be used.');
    expect(calls).toBe(1);
  });

  test('stops at a signal without waiting for the cell under way', async () => {
    const controller = new AbortController();
    const never = () => new Promise<ExperimentRecord>(() => controller.abort(new Error('stopped')));
    await expect(runCells({ ...args, run: never, signal: controller.signal })).rejects.toThrow('stopped');
    expect(await readdir(args.folder)).toEqual([]);
  });

  test('what a signal ended is not told as failed', async () => {
    const controller = new AbortController();
    const failed: string[] = [];
    const ended = async (): Promise<never> => {
      controller.abort(new Error('stopped'));
      throw new Error('Terminating worker thread');
    };
    const onFailure = ({ id }: StudyCell): number => failed.push(id);
    const { signal } = controller;
    await expect(runCells({ ...args, run: ended, signal, onFailure })).rejects.toThrow('stopped');
    await new Promise(setImmediate);
    expect(failed).toEqual([]);
  });

  test.each([
    [{ method: 'vpt' }, 'its `method` is "vpt", not "coop"'],
    [{ split: 'validation' }, 'its `split` is "validation", not "test"'],
    [{ setting: 'depth=1' }, 'its `setting` is "depth=1", not undefined'],
    [{ recipe: { ...cells[0].recipe, epochs: 3 } }, 'its `recipe` is'],
    [{ backbone: { name: 'y', identity: 'y' } }, 'its `backbone` is another one (y, y)'],
    [{ protocol: 'gallery' }, 'its `protocol` is "gallery"'],
    [{ dataset: 'a (older)' }, 'its `dataset` is "a (older)", not "a"'],
  ])('a record with %j is not taken for the cell’s', async (other, message) => {
    const record = await run(cells[0]);
    await writeFile(join(args.folder, `${cells[0].id}.json`), JSON.stringify({ ...record, ...other }));
    await expect(runCells(args)).rejects.toThrow(message);
  });

  test("a record of a style's folder is not taken for another style's", async () => {
    const record = await run(cells[0]);
    const path = join(args.folder, `${cells[0].id}.json`);
    await writeFile(path, JSON.stringify(record));
    const recordedAs = (name: string) => `${name} (flat)`;
    await expect(runCells({ ...args, recordedAs })).rejects.toThrow('its `dataset` is "a", not "a (flat)"');
    await writeFile(path, JSON.stringify({ ...record, dataset: 'a (flat)' }));
    const [found] = await runCells({ ...args, cells: cells.slice(0, 1), recordedAs });
    expect(found.dataset).toBe('a (flat)');
  });

  test('transfer to more data sets than a record has is run again, to fewer it is not', async () => {
    const choice = { data, methods: ['coop'] as const, seeds: [1], recipeOf: paperRecipeOf };
    const transfer = async (cell: StudyCell): Promise<ExperimentRecord> => {
      const split = { classNames: ['x', 'y'], accuracy: 1, macroF1: 1, perClass: [1, 1], labels: [], said: [] };
      const targets = (cell.targets ?? []).map((dataset) => ({ dataset, kind: 'dataset' as const, ...split }));
      return { ...(await run(cell)), protocol: 'transfer', source: split, targets } as unknown as ExperimentRecord;
    };
    const targetsOf = async (...datasets: string[]) => {
      const [record] = await runCells({ ...args, cells: transferCells({ ...choice, datasets }), run: transfer });
      return record.protocol === 'transfer' && record.targets.map(({ dataset }) => dataset);
    };
    expect(await targetsOf('b')).toEqual(['b']);
    expect(await targetsOf('b', 'c')).toEqual(['b', 'c']);
    expect(await targetsOf('c')).toEqual(['b', 'c']);
    expect(ran).toHaveLength(2);
  });

  test('JSON that is no record is an error, text that is no JSON is set aside', async () => {
    const path = join(args.folder, `${cells[0].id}.json`);
    await writeFile(path, 'null');
    await expect(runCells(args)).rejects.toThrow(`${path} is a record of something else`);
    await writeFile(path, '');
    const aside: string[] = [];
    await runCells({ ...args, onSetAside: (...paths) => aside.push(...paths) });
    expect(aside).toEqual([path, `${path}.damaged`]);
  });

  test('two cells of one id are refused', async () => {
    await expect(runCells({ ...args, cells: [cells[0], cells[0]] })).rejects.toThrow(`Received twice: ${cells[0].id}`);
  });
});
