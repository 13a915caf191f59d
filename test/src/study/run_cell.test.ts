import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PictureLoader } from '../../../src/data/picture_loader.js';
import { paperStudyData } from '../../../src/datasets/paper_study_data.js';
import type { ExperimentRecord } from '../../../src/evaluation/record.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { openPictureLoader } from '../../../src/node/picture_loader.js';
import { studyCell } from '../../../src/study/cell.js';
import { keepPictures } from '../../../src/study/kept_pictures.js';
import { paperRecipeOf } from '../../../src/study/paper_recipes.js';
import { runCell } from '../../../src/study/run_cell.js';
import type { StudyData } from '../../../src/study/study_data.js';
import { bundledWorker } from '../../helpers/bundled_worker.js';
import { writeSplitTree } from '../../helpers/paper_trees.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let root: string;
let worker: Awaited<ReturnType<typeof bundledWorker>>;

beforeAll(async () => {
  await chooseBackend('wasm');
  root = await mkdtemp(join(tmpdir(), 'run-cell-'));
  await writeSplitTree(root, 'OxfordPets');
  worker = await bundledWorker();
});
afterAll(async () => {
  await rm(root, { recursive: true });
  await rm(fileURLToPath(worker.module), { force: true });
});

test('data under another name than their records, or without test pictures, are refused before anything is trained', async () => {
  const backbone = await tinyBackbone();
  const recipe = { ...paperRecipeOf('maple', 'few-shot', 2), depth: 2, shots: 2 };
  const of = { protocol: 'few-shot', method: 'maple', seed: 1, split: 'test', recipe } as const;
  const cell = studyCell({ ...of, dataset: 'pets' });
  const environment = { version: '0', tfjs: '0', backend: 'wasm', device: 'test', threads: 1 };
  const load: StudyData['load'] = (_, args) => paperStudyData({ root }).load('OxfordPets', args);
  const data = { name: 'mine', datasets: ['pets'], source: 'pets', domains: [], load };
  await expect(runCell(cell, { data, backbone, environment })).rejects.toThrow(
    '`load("pets")` of the study\'s data gives must be named "pets". Received: "OxfordPets".',
  );

  const empty: StudyData['load'] = async (name, args) => ({ ...(await load(name, args)), name, test: [] });
  await expect(runCell(cell, { data: { ...data, load: empty }, backbone, environment })).rejects.toThrow(
    'pets has no test pictures to test on.',
  );
});

test.each(['base-to-new', 'few-shot', 'gallery'] as const)(
  '%s: threads that read the pictures change no digit of the record',
  async (protocol) => {
    const backbone = await tinyBackbone();
    const recipe = { ...paperRecipeOf('maple', protocol, 2), depth: 2, epochs: 3, shots: 2, batchSize: 2 };
    const cell = studyCell({ protocol, dataset: 'OxfordPets', method: 'maple', seed: 1, split: 'test', recipe });
    const run = async (loader?: PictureLoader): Promise<ExperimentRecord> => {
      const environment = { version: '0', tfjs: '0', backend: 'wasm', device: 'test', threads: 1 };
      return runCell(cell, { data: keepPictures(paperStudyData({ root })), backbone, environment, loader });
    };
    const here = await run();
    const threads = openPictureLoader({ threads: 2, module: worker.module });
    const asked: string[] = [];
    const counting: PictureLoader = {
      threads: 2,
      load: (path, ...rest) => {
        asked.push(path);
        return threads.load(path, ...rest);
      },
      close: () => threads.close(),
    };
    const beside = await run(counting).finally(() => threads.close());
    expect(asked.length).toBeGreaterThanOrEqual(recipe.epochs * 2);
    expect(asked.every((path) => path.startsWith(join(root, 'oxford_pets', 'images')))).toBe(true);
    expect(untimed(beside)).toEqual(untimed(here));
  },
);

/** All but what the clock says. */
function untimed(record: ExperimentRecord): unknown {
  const clock = new Set(['trainSeconds', 'testSeconds', 'finished', 'seconds']);
  return JSON.parse(JSON.stringify(record, (key, value: unknown) => (clock.has(key) ? undefined : value)));
}
