import { spawn } from 'node:child_process';

import { MapleError } from '../../layers/errors.js';

/** What a program said and how it ended. */
export interface ProgramResult {
  /** The exit code; null when the program was not found or was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** True when there is no such program in PATH. */
  notFound: boolean;
}

/** Settings of {@link runProgram}. */
export interface RunOptions {
  cwd?: string;
  /** Variables added to the environment of this process. */
  env?: Record<string, string>;
  /** Called with each line of standard output as it comes. */
  onLine?: (line: string) => void;
}

/** Runs a program without a shell and waits for it. A failure is told in the result, not thrown. */
export function runProgram(program: string, args: string[], options: RunOptions = {}): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let line = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = (line + text).split('\n');
      line = lines.pop() as string;
      if (options.onLine) lines.forEach(options.onLine);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error: NodeJS.ErrnoException) => {
      const notFound = error.code === 'ENOENT' || error.code === 'EACCES';
      if (notFound) resolve({ code: null, stdout, stderr, notFound });
      else reject(new MapleError(`Cannot run ${program}: ${error.message}.`, { cause: error }));
    });
    child.on('close', (code) => resolve({ code, stdout, stderr, notFound: false }));
  });
}

/** The last lines that a failed program wrote, for an error message. */
export function lastLines({ stdout, stderr }: ProgramResult, count = 6): string {
  const text = stderr.trim() === '' ? stdout : stderr;
  return text.trim().split('\n').slice(-count).join('\n');
}
