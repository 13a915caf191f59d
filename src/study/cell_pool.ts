import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { MapleError } from '../../layers/errors.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import type { StudyCell } from './cell.js';
import type { WorkerSetup, WorkerTask } from './cell_worker.js';

/** What {@link cellPool} makes its processes with. */
export interface CellPoolArgs extends Omit<WorkerSetup, 'pictureThreads'> {
  /** Number of processes. */
  jobs: number;
  /**
   * Threads that the native backend may use in each. Default: 1. Sums over more threads are added up in another order,
   * so that the last digits depend on it.
   */
  threads?: number;
}

const ARGS: SettingNames<CellPoolArgs> = {
  module: true,
  options: true,
  backbone: true,
  backboneArgs: true,
  backend: true,
  jobs: true,
  threads: true,
};

/** Processes that run cells. */
export interface CellPool {
  /** Runs a cell in a process that is free, or when one is. */
  run(cell: StudyCell): Promise<ExperimentRecord>;
  /** Ends all processes, also in the middle of a cell. */
  close(): Promise<void>;
}

/** Child processes, each with its own backend, that run cells one after the other. */
export function cellPool(args: CellPoolArgs): CellPool {
  checkKnown('cellPool', args, ARGS);
  const { jobs, threads = 1, ...setup } = args;
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('./cell_worker.js', import.meta.url)),
    runtime: 'child_process',
    minThreads: jobs,
    maxThreads: jobs,
    env: {
      ...(process.env as Record<string, string>),
      TF_NUM_INTRAOP_THREADS: String(threads),
      TF_NUM_INTEROP_THREADS: String(threads),
    },
  });
  const run = async (cell: StudyCell): Promise<ExperimentRecord> => {
    const task: WorkerTask = { setup: { ...setup, pictureThreads: pictureThreadsOf(jobs) }, cell };
    return pool.run(task).catch((error: unknown) => {
      throw asError(error);
    });
  };
  return { run, close: () => pool.destroy() };
}

/** The processes share the cores; each keeps one for training. */
function pictureThreadsOf(jobs: number): number {
  return Math.min(4, Math.max(1, Math.floor(availableParallelism() / jobs) - 1));
}

/** Errors lose their class on the way between processes. */
function asError(error: unknown): Error {
  const { name, message, stack } = error as Error;
  if (name === 'MapleError') {
    return new MapleError(message, { cause: error });
  }
  if (/exited unexpectedly/.test(message)) {
    return new MapleError(
      'Its process was ended from outside, or for want of memory. Run the same command again, with fewer jobs if ' +
        'memory is short.',
      { cause: error },
    );
  }
  return Object.assign(new Error(message, { cause: error }), { stack });
}
