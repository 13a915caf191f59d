import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** What a program printed, and the code it ended with; null where a signal ended it. */
export interface EndedProgram {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A program that was started: what it has printed so far, and how it ends. */
export interface WatchedProgram {
  output: { stdout: string; stderr: string };
  ended: Promise<EndedProgram>;
}

/** Gathers what a child process prints. */
export function watched(child: ChildProcessWithoutNullStreams): WatchedProgram {
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const ended = new Promise<EndedProgram>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  return { output, ended };
}
