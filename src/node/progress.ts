import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import cliProgress from 'cli-progress';
import { MapleError } from '../../layers/errors.js';
import { notesAreSilenced } from './notes.js';

/** What is shown beside a bar, by name: `{ epoch: '2/5', loss: '1.204' }`. */
export type ProgressFields = Record<string, string | number>;

/** Settings of {@link progressBar}. */
export interface ProgressBarArgs {
  /** What is being done: `Downloading TensorFlow`. */
  label: string;
  /** Number of steps, bytes or pictures until done. */
  total: number;
  /** How an amount is written, e.g. as megabytes. Defaults to the plain number. */
  amount?: (value: number) => string;
  /** Fields that a terminal too narrow for all goes without, the least first. Defaults to none. */
  least?: readonly string[];
  /** Where to. Defaults to standard error, so that standard output holds results only. */
  stream?: NodeJS.WritableStream;
}

const ARGS: SettingNames<ProgressBarArgs> = { label: true, total: true, amount: true, least: true, stream: true };

/** Lines a bar leaves where there is no terminal, beside the first: one a tenth. */
const PLAIN_LINES = 10;
const BAR_WIDTH = 24;
/** In a terminal that is too narrow for the whole line. */
const NARROW_BAR = 8;

/**
 * Begins a progress bar with time left. In a terminal it is one line that redraws itself; elsewhere (a log file, CI) it
 * is a plain line at each tenth.
 *
 * ```js
 * const bar = progressBar({ label: 'Rendering', total: pictures.length });
 * try {
 *   for (const picture of pictures) bar.increment(1, { style: picture.style });
 * } finally {
 *   bar.stop();
 * }
 * ```
 * @throws MapleError if `total` is not a positive number
 */
export function progressBar(args: ProgressBarArgs): ProgressBar {
  return new ProgressBar(args);
}

/** A bar in progress; see {@link progressBar}. It must be stopped, or a terminal's timer keeps the process alive. */
export class ProgressBar {
  private value = 0;
  private fields: ProgressFields = {};
  private stopped = false;
  private linesWritten = 0;
  private readonly started = performance.now();
  private readonly stream: NodeJS.WritableStream & { isTTY?: boolean };
  private readonly bar?: cliProgress.SingleBar;

  constructor(private readonly args: ProgressBarArgs) {
    checkKnown('progressBar', args, ARGS);
    if (!(args.total > 0 && Number.isFinite(args.total))) {
      throw new MapleError(`\`total\` of "${args.label}" must be a positive number. Received: ${shown(args.total)}.`);
    }
    this.stream = args.stream ?? process.stderr;
    if (notesAreSilenced()) {
      this.stopped = true;
    } else if (this.stream.isTTY === true) {
      // Wrapping stays on and the cursor visible: nothing needs mending in the terminal after Ctrl-C.
      const options = { stream: this.stream, linewrap: true, hideCursor: false, format: () => this.line(true) };
      this.bar = new cliProgress.SingleBar(options);
      this.bar.start(args.total, 0);
    } else {
      this.writePlain();
    }
  }

  /** Moves to `value`, and shows `fields` from now on; fields that are not given stay. */
  update(value: number, fields: ProgressFields = {}): void {
    if (this.stopped) {
      return;
    }
    this.value = Math.min(Math.max(value, 0), this.args.total);
    this.fields = { ...this.fields, ...fields };
    this.bar?.update(this.value);
    if (this.bar === undefined && (this.value / this.args.total) * PLAIN_LINES >= this.linesWritten) {
      this.writePlain();
    }
  }

  /** Moves on by `count`. */
  increment(count = 1, fields?: ProgressFields): void {
    this.update(this.value + count, fields);
  }

  /** Ends the bar where it stands; more calls do nothing. */
  stop(): void {
    if (this.stopped) {
      return;
    }
    this.stopped = true;
    this.bar?.stop();
    if (this.bar === undefined && this.value < this.args.total) {
      this.stream.write(`${this.line(false)}  stopped\n`);
    }
  }

  private writePlain(): void {
    this.stream.write(`${this.line(false)}\n`);
    this.linesWritten = Math.floor((this.value / this.args.total) * PLAIN_LINES) + 1;
  }

  /** A drawn line fits into the terminal: what it can do without is left out, until what is told and the time fit. */
  private line(drawn: boolean): string {
    const { columns = Infinity } = this.stream as Partial<NodeJS.WriteStream>;
    if (!drawn) {
      return this.lineWith(0);
    }
    const { least = [] } = this.args;
    const narrower = [BAR_WIDTH, NARROW_BAR].map((width) => this.lineWith(width));
    const briefer = least.map((_, index) => this.lineWith(0, ['count', ...least.slice(0, index + 1)]));
    const lines = [...narrower, this.lineWith(NARROW_BAR, ['count']), this.lineWith(0, ['count']), ...briefer];
    // A line of the whole width would wrap.
    return lines.find((line) => line.length < columns) ?? lines[lines.length - 1];
  }

  private lineWith(barWidth: number, without: readonly string[] = []): string {
    const { label, total, amount = String } = this.args;
    const share = this.value / total;
    const full = Math.round(share * barWidth);
    const bar = barWidth === 0 ? [] : ['█'.repeat(full) + '░'.repeat(barWidth - full)];
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    const count = without.includes('count') ? [] : [`${amount(this.value)}/${amount(total)}`];
    const fields = Object.entries(this.fields)
      .filter(([name]) => !without.includes(name))
      .map(([name, value]) => `${name} ${value}`);
    return [label, ...bar, percent, ...count, ...fields, this.time()].join('  ');
  }

  private time(): string {
    const seconds = (performance.now() - this.started) / 1000;
    if (this.value === 0) {
      return '';
    }
    return this.value >= this.args.total
      ? `${clock(seconds)} in all`
      : `${clock((seconds * (this.args.total - this.value)) / this.value)} left`;
  }
}

/** Seconds as `1:05` or `2:03:09`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
