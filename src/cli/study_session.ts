import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExperimentRecord } from '../evaluation/record.js';
import type { StudyCell } from '../study/cell.js';
import type { OpenStudy } from '../study/study.js';
import { announceBackend, backboneArgsOf, backbonePathFor } from './options.js';
import type { StudyFlags } from './study_options.js';

/** A study that a signal ended; the shell is told which. */
export class Interrupted extends Error {
  constructor(
    readonly signal: 'SIGINT' | 'SIGTERM',
    message = 'Stopped. What is done is kept: run the same command again to go on.',
  ) {
    super(message);
  }

  /** What a shell gives for a program that a signal ended. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/**
 * Opens the data, makes the cells, runs those without a record, and shows how far it is; ends cleanly at SIGINT and
 * SIGTERM.
 */
export async function runStudyCommand(
  flags: Omit<StudyFlags, 'methods' | 'seeds' | 'datasets'>,
  cellsOf: (study: OpenStudy) => StudyCell[],
): Promise<{ records: ExperimentRecord[]; study: OpenStudy }> {
  const [{ openStudy, runStudy }, { StudyProgress }] = await Promise.all([
    import('../study/study.js'),
    import('../study/study_progress.js'),
  ]);
  const { folder, style, root, split, jobs, threads } = flags;
  const path = await backbonePathFor(flags);
  const study = await openStudy(path, flags.data, { style, root: root && resolve(root), split }, backboneArgsOf(flags));
  const cells = cellsOf(study);
  await checkData(study, cells, folder);
  // All processes on the same one.
  const backend = (await announceBackend(flags.backend)).name;
  const { onStart, onCell, onFailure, onSetAside } = new StudyProgress(cells);

  const controller = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => controller.abort(new Interrupted(signal));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const { signal } = controller;
    const listeners = { onStart, onCell, onFailure, onSetAside };
    const records = await runStudy({ study, cells, folder, jobs, threads, backend, signal, ...listeners });
    return { records, study };
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Looks for the data of the cells that are still to be run, before any is. */
async function checkData({ data }: OpenStudy, cells: readonly StudyCell[], folder: string): Promise<void> {
  const waiting = cells.filter(({ id }) => !existsSync(join(folder, `${id}.json`)));
  const names = waiting.flatMap(({ dataset, targets = [], domains = [] }) => [dataset, ...targets, ...domains]);
  for (const warning of (await data.check?.([...new Set(names)])) ?? []) {
    process.stderr.write(`Warning: ${warning}\n`);
  }
}
