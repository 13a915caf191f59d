import { Presets, SingleBar } from 'cli-progress';

import type { NativeProgress } from './native_build.js';

/** A progress bar for the terminal; plain lines where the output is none. */
export interface NativeProgressBar {
  onProgress: (progress: NativeProgress) => void;
  /** Ends the bar that is shown, if any. Call it also after an error. */
  stop: () => void;
}

/**
 * Shows `buildNative`'s progress: a bar where the number of bytes is known, else the name of the stage.
 *
 * @param stream - default: standard error, so that standard output stays for results
 */
export function nativeProgressBar(stream: NodeJS.WriteStream = process.stderr): NativeProgressBar {
  let bar: SingleBar | undefined;
  let shown = '';
  let start = 0;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    stop,
    onProgress: ({ stage, done, total }) => {
      if (stage !== shown) {
        stop();
        stream.write(`${stage}\n`);
        shown = stage;
        start = Date.now();
      }
      if (done === undefined || total === undefined) return;
      if (!bar) {
        const format = '  [{bar}] {percentage}% | {value} of {total} MB | {left} s left';
        const settings = { format, stream, noTTYOutput: true, notTTYSchedule: 5000, hideCursor: true };
        bar = new SingleBar(settings, Presets.legacy);
        bar.start(megabytes(total), 0, { left: '?' });
      }
      const left = done > 0 ? Math.round(((Date.now() - start) / 1000) * (total / done - 1)) : '?';
      bar.setTotal(megabytes(total));
      bar.update(megabytes(done), { left });
    },
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
