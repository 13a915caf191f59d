import { constants } from 'node:os';
import { note } from '../node/notes.js';
import { Interrupted } from './study_session.js';

/**
 * Runs work that Ctrl-C (SIGINT) and SIGTERM stop: the first one asks it to end cleanly, the second ends the process.
 * @param work - throws the signal's reason, an {@link Interrupted}, when it has stopped
 * @param onFirst - what to say when the first one comes
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>, onFirst: string): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (controller.signal.aborted) {
      process.exit(128 + constants.signals[signal]);
    }
    note(`\n${onFirst}`);
    controller.abort(new Interrupted(signal));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
