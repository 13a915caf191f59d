import { jest } from '@jest/globals';
import { main } from '../../src/cli/main.js';

/** What a command line gave. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process, with what it printed. */
export async function command(...args: string[]): Promise<Ended> {
  const ended = { code: -1, stdout: '', stderr: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((ended.stdout += String(text)), true)),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((ended.stderr += String(text)), true)),
    jest.spyOn(console, 'log').mockImplementation((...texts) => void (ended.stdout += `${texts.join(' ')}\n`)),
  ];
  try {
    ended.code = await main(args);
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return ended;
}
