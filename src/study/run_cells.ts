import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import type { StudyCell } from './cell.js';
import { readRecord, writeRecord, type RecordFolder } from './record_files.js';
import { recordFor, workOf } from './same_work.js';

/** What {@link runCells} needs. */
export interface RunCellsArgs extends RecordFolder {
  cells: readonly StudyCell[];
  /** Runs one cell, e.g. in a process of a pool. */
  run: (cell: StudyCell) => Promise<ExperimentRecord>;
  /** Cells at once. Default: 1. */
  jobs?: number;
  /** Told the records found, before anything runs. */
  onStart?: (found: ReadonlyMap<string, ExperimentRecord>) => void;
  /** Told of each cell that was run (or, `reused`, was the same work as another), when its record is written. */
  onCell?: (cell: StudyCell, record: ExperimentRecord, reused: boolean) => void;
  /** Told of each cell that could not be run. */
  onFailure?: (cell: StudyCell, error: Error) => void;
  /** Stops it: no further cell begins, and those under way are not waited for. */
  signal?: AbortSignal;
}

const ARGS: SettingNames<RunCellsArgs> = {
  folder: true,
  backbone: true,
  recordedAs: true,
  onSetAside: true,
  cells: true,
  run: true,
  jobs: true,
  onStart: true,
  onCell: true,
  onFailure: true,
  signal: true,
};

/**
 * Runs the cells that have no record in the folder yet, and gives the records of all, in their order. Each record is
 * written as soon as its cell is done, so that a study can be stopped at any time, SIGKILL included, and goes on where
 * it was; only cells under way are lost. A cell that is the same work as one with a record (MaPLe's usual form in an
 * ablation) takes that record under its own setting. A cell that fails does not keep the others from being run, unless it is the
 * first to end.
 * @throws MapleError for a record of other settings, cells of the same id, a folder that cannot be written; and, when
 * all others are done, naming the cells that failed
 */
export async function runCells(args: RunCellsArgs): Promise<ExperimentRecord[]> {
  checkKnown('runCells', args, ARGS);
  const { cells, jobs = 1, signal } = args;
  mustDiffer(cells);
  const records = new Map<string, ExperimentRecord>();
  /** Records by what was done for them, whatever the cell calls it. */
  const works = new Map<string, ExperimentRecord>();
  const keep = (cell: StudyCell, record: ExperimentRecord): void => {
    records.set(cell.id, record);
    works.set(workOf(cell, args.backbone.config), record);
  };
  for (const cell of cells) {
    const record = await readRecord(cell, args);
    if (record !== undefined) {
      keep(cell, record);
    }
  }
  args.onStart?.(new Map(records));

  const waiting = cells.filter(({ id }) => !records.has(id));
  const failures = new Map<string, Error>();
  let ran = 0;
  const lane = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined && !signal?.aborted; cell = waiting.shift()) {
      const same = works.get(workOf(cell, args.backbone.config));
      const outcome = same === undefined ? await attempt(cell, args) : recordFor(cell, same);
      if (outcome instanceof Error) {
        if (signal?.aborted) {
          // Its process was ended with the study.
          return;
        }
        failures.set(cell.id, outcome);
        args.onFailure?.(cell, outcome);
        if (ran === 0) {
          // What fails at once would fail in every cell.
          waiting.length = 0;
        }
        continue;
      }
      await writeRecord(cell, outcome, args.folder);
      keep(cell, outcome);
      ran++;
      args.onCell?.(cell, outcome, same !== undefined);
    }
  };
  const lanes = Promise.all(Array.from({ length: jobs }, lane));
  await Promise.race([lanes, abortion(signal)]);
  if (failures.size > 0) {
    throw failureOf(failures, cells.length - records.size);
  }
  return cells.map(({ id }) => records.get(id) as ExperimentRecord);
}

/** The record of a cell, found after all (another program may work on the same folder) or made; or why there is none. */
async function attempt(cell: StudyCell, args: RunCellsArgs): Promise<ExperimentRecord | Error> {
  try {
    return (await readRecord(cell, args)) ?? (await args.run(cell));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function failureOf(failures: ReadonlyMap<string, Error>, missing: number): Error {
  const [[id, first]] = failures;
  const others = [...failures.keys()].slice(1);
  const text = [
    `${id}: ${first.message}`,
    ...(others.length > 0 ? [`Failed too: ${others.join(', ')}.`] : []),
    ...(missing > failures.size ? [`${missing - failures.size} more cells were not run.`] : []),
  ];
  const error = first instanceof MapleError ? new MapleError(text.join('\n')) : new Error(text.join('\n'));
  error.cause = first;
  return error;
}

function mustDiffer(cells: readonly StudyCell[]): void {
  const ids = new Set<string>();
  for (const { id } of cells) {
    if (ids.has(id)) {
      throw new MapleError(`The cells of a study must differ. Received twice: ${id}.`);
    }
    ids.add(id);
  }
}

/** Rejects with the signal's reason when it is aborted. */
function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal?.reason as Error);
    if (signal?.aborted) {
      fail();
    }
    signal?.addEventListener('abort', fail, { once: true });
  });
}
