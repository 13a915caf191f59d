import { progressBar, type ProgressBar } from './progress.js';

/** A progress bar that begins when the total is known. */
export class LateBar {
  private bar?: ProgressBar;

  constructor(private readonly label: string) {}

  /** Shows how many are done. */
  readonly update = (done: number, total: number): void => {
    this.bar ??= progressBar({ label: this.label, total });
    this.bar.update(done);
  };

  /** Ends the bar where it stands. */
  stop(): void {
    this.bar?.stop();
  }
}
