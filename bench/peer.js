import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PEERS = join(dirname(fileURLToPath(import.meta.url)), 'peers');

/** One side of a comparison: a process that does a task a line. */
export class Peer {
  /** @param needs - what the process cannot run without, for the message when it ends */
  constructor(name, { command, program, args, threads, needs = '' }) {
    this.name = name;
    this.needs = needs;
    this.seconds = [];
    // As many threads on either side.
    const env = { ...process.env, OMP_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '3' };
    const numThreads = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: 1 };
    this.process = spawn(command, [join(PEERS, program), ...args], {
      env: { ...env, ...numThreads },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.on('error', (error) => {
      throw new Error(`${name} cannot be started (${command}): ${error.message}`);
    });
  }

  async next() {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) {
        throw new Error(`${this.name} ended. ${this.needs}`);
      }
      if (value.startsWith('{')) {
        return JSON.parse(value);
      }
    }
  }

  /** What runs, once the process has what it needs. */
  async ready() {
    this.description ??= (await this.next()).ready;
    return this.description;
  }

  async run(task) {
    this.process.stdin.write(`${task}\n`);
    const { seconds, peak } = await this.next();
    this.peak = peak;
    return seconds;
  }

  /** The features that the task of that name computes. */
  async values() {
    this.process.stdin.write('values\n');
    return (await this.next()).values;
  }
}

/** This library, in a process of its own; `told` as the program of bench/peers takes it. */
export function oursAsPeer(told, threads, program = 'ours.js') {
  return new Peer('tfjs-maple', { command: process.execPath, program, args: [JSON.stringify(told)], threads });
}

/** The middle one of sorted values. */
export function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}
