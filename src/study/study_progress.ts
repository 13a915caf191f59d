import type { ExperimentRecord } from '../evaluation/record.js';
import { notesAreSilenced } from '../node/notes.js';
import { clock } from '../node/progress.js';
import type { StudyCell } from './cell.js';

/**
 * Tells of a study, a line a cell, with the time left: from what cells of the same protocol and method took, in this
 * run and in those before.
 */
export class StudyProgress {
  /** Seconds of each cell that is done, by its kind. */
  private readonly seconds = new Map<string, number[]>();
  private readonly waiting: Set<StudyCell>;
  private secondsOfThisRun = 0;
  private began = performance.now();

  constructor(
    private readonly cells: readonly StudyCell[],
    private readonly stream: NodeJS.WritableStream = process.stderr,
  ) {
    this.waiting = new Set(cells);
  }

  readonly onStart = (found: ReadonlyMap<string, ExperimentRecord>): void => {
    for (const cell of this.cells) {
      const record = found.get(cell.id);
      if (record !== undefined) {
        this.note(cell, duration(record));
      }
    }
    const toRun = this.cells.length - found.size;
    const cells = this.cells.length === 1 ? 'cell' : 'cells';
    this.say(`${this.cells.length} ${cells}: ${found.size} have a record, ${toRun} to run`);
    this.began = performance.now();
  };

  readonly onCell = (cell: StudyCell, record: ExperimentRecord, reused: boolean): void => {
    const seconds = reused ? 0 : duration(record);
    this.note(cell, seconds);
    this.secondsOfThisRun += seconds;
    const took = reused ? 'as before' : clock(seconds);
    this.say([this.count(), cell.id, figures(record), took, this.timeLeft()].join('  '));
  };

  readonly onFailure = (cell: StudyCell, error: Error): void => {
    this.waiting.delete(cell);
    this.warn([this.count(), cell.id, `failed: ${error.message}`].join('  '));
  };

  readonly onSetAside = (path: string, newPath: string): void => {
    this.warn(`${path} is no readable record: it is ${newPath} now, and its cell is run again`);
  };

  private note(cell: StudyCell, seconds: number): void {
    this.waiting.delete(cell);
    const kind = kindOf(cell);
    this.seconds.set(kind, [...(this.seconds.get(kind) ?? []), seconds]);
  }

  private count(): string {
    const width = String(this.cells.length).length;
    return `[${String(this.cells.length - this.waiting.size).padStart(width)}/${this.cells.length}]`;
  }

  private timeLeft(): string {
    if (this.waiting.size === 0) {
      return `${clock((performance.now() - this.began) / 1000)} in all`;
    }
    const expected = [...this.waiting].reduce((sum, cell) => sum + this.expected(cell), 0);
    // Several jobs at once make less of it, drawing and loading more.
    const pace = (performance.now() - this.began) / 1000 / this.secondsOfThisRun;
    return `${clock(expected * pace)} left`;
  }

  private expected(cell: StudyCell): number {
    return mean(this.seconds.get(kindOf(cell)) ?? [...this.seconds.values()].flat());
  }

  /** What went wrong is told even where nothing else is. */
  private warn(text: string): void {
    this.stream.write(`${text}\n`);
  }

  private say(text: string): void {
    if (!notesAreSilenced()) {
      this.warn(text);
    }
  }
}

function kindOf({ protocol, method, recipe, setting = '' }: StudyCell): string {
  return [protocol, method, recipe.shots, setting].join(' ');
}

function duration({ trainSeconds, testSeconds }: ExperimentRecord): number {
  return trainSeconds + testSeconds;
}

/** What a record says, in percent. */
function figures(record: ExperimentRecord): string {
  switch (record.protocol) {
    case 'base-to-new':
      return [record.base.accuracy, record.new.accuracy, record.harmonicMean].map(percent).join(' / ');
    case 'transfer':
      return [record.source.accuracy, mean(record.targets.map(({ accuracy }) => accuracy))].map(percent).join(' -> ');
    case 'few-shot':
      return percent(record.test.accuracy);
    case 'gallery':
      return `${record.base.said.length + record.new.said.length} pictures`;
  }
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
