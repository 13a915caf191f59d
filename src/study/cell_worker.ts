import * as tf from '@tensorflow/tfjs-core';
import { Callback } from '@tensorflow/tfjs-layers';
import type { ExperimentRecord } from '../evaluation/record.js';
import { chooseBackend, type BackendName } from '../node/backend.js';
import { runEnvironment } from '../node/environment.js';
import { loadBackbone, type LoadBackboneArgs } from '../node/load_backbone.js';
import { openPictureLoader } from '../node/picture_loader.js';
import type { StudyCell } from './cell.js';
import { keepPictures } from './kept_pictures.js';
import { runCell, type StudyContext } from './run_cell.js';
import type { StudyModule, StudyOptions } from './study_data.js';

/** How a process makes what it runs cells with. */
export interface WorkerSetup {
  /** URL of a module that is a {@link StudyModule}. */
  module: string;
  options: StudyOptions;
  /** Path of the backbone, or its name on the hub. */
  backbone: string;
  /** What `loadBackbone` is told; plain data. */
  backboneArgs?: LoadBackboneArgs;
  backend?: BackendName;
  /** Threads that read pictures that are files. Default: that of `openPictureLoader`. */
  pictureThreads?: number;
}

/** A cell for a process of the pool. */
export interface WorkerTask {
  setup: WorkerSetup;
  cell: StudyCell;
}

// A program that was killed cannot end its children: they would go on and hang.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches a terminal's whole process group; the parent ends its children itself.
process.on('SIGINT', () => undefined);

/** Of all cells of this process. Its loader starts threads for pictures that are files alone, and they end with the process. */
let context: Promise<StudyContext> | undefined;

/** Runs a cell in a child process. */
export default async function work({ setup, cell }: WorkerTask): Promise<ExperimentRecord> {
  context ??= prepare(setup);
  return runCell(cell, await context);
}

async function prepare({
  module,
  options,
  backbone,
  backboneArgs,
  backend,
  pictureThreads,
}: WorkerSetup): Promise<StudyContext> {
  const environment = runEnvironment(await chooseBackend(backend));
  const threads = process.env.TF_NUM_INTRAOP_THREADS;
  if (tf.getBackend() === 'tensorflow' && threads !== undefined) {
    environment.device += `, ${threads} ${threads === '1' ? 'thread' : 'threads'}`;
  }
  const { studyData } = (await import(module)) as StudyModule;
  return {
    data: keepPictures(await studyData(options)),
    backbone: await loadBackbone(backbone, backboneArgs),
    environment,
    callbacks: [new Breather()],
    loader: openPictureLoader({ threads: pictureThreads }),
  };
}

/** Training on data in memory never returns to the event loop by itself: then the end of the parent went unnoticed. */
class Breather extends Callback {
  override async onBatchEnd(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
